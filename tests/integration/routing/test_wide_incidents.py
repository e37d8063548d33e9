"""An incident that spreads over many communes: no fact outgrows what the bus takes, and every commune is told."""

from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from benchmarks.spreading import communes
from contracts import subjects
from contracts.decisions import LARGEST_DECISION
from contracts.envelope import read
from contracts.places import AdminArea
from contracts.taxonomy import Category
from services.runtime.register.loading import load_register
from tests.integration.http.hub import REFERENCE, Hub
from tests.integration.routing.instances import instance
from tests.integration.routing.records import accept, decided

COMMUNES = 50


async def test_a_fire_across_more_communes_than_one_decision_can_name_goes_on_in_another_incident(hub: Hub) -> None:
    """The decision names every desk in every commune: one day it is more than a message holds, and routing stands."""
    day = datetime.now(UTC).date()
    codes = list(islice(communes(load_register(REFERENCE / "register.yaml"), day), COMMUNES))
    places = [(AdminArea(code=code, valid_on=day),) for code in codes]
    fire: dict[str, Any] = {"category": Category.FOR_FIRE, "position_unknown": False}
    async with instance(hub) as routing:
        await accept(hub, **fire, places=places[0])
        (first,) = [read(one.body).data.report.report for one in await hub.facts(subjects.ALL_REPORTS)]
        for further in places[1:]:
            await accept(hub, about=(first,), **fire, places=further)
        await routing.decide()

    found = await decided(hub, COMMUNES)
    incidents = Counter(read(one.body).data.incident for one in found)
    assert {one.report for one in found} == {read(one.body).id for one in await hub.facts(subjects.ALL_REPORTS)}
    assert len(incidents) > 1
    assert max(incidents.values()) > COMMUNES // 2
    assert max(len(one.decision.model_dump_json().encode()) for one in found) <= LARGEST_DECISION
    assert {commune for one in found for commune in one.decision.facts.communes} == set(codes)

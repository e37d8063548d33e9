"""`phoihop incident similar`: what is open and alike, the likeliest first; closed, merged and other spaces never."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from rich.console import Console

from contracts.actions import Close
from contracts.codes import Disposition
from services.routing.commands.incident_similar import show_similar, similar_to
from services.routing.incident.decide import Incident, IncidentEvent
from services.routing.incident.history import Recorded
from services.runtime.terminal import Language
from tests.unit.routing.cases import (
    T0,
    acting,
    after,
    dispatch_of,
    minutes,
    opening,
    report,
    sighting,
)


def course(name: str, wait: int, *, commune: str = "19774") -> tuple[Incident, list[IncidentEvent]]:
    """An incident and its facts."""
    seen = sighting(commune, at=T0 + minutes(wait))
    return after(None, opening(filed=report(name), sighting=seen))


def recorded(*courses: tuple[Incident, list[IncidentEvent]]) -> Mapping[UUID, list[Recorded]]:
    return {state.incident: [Recorded(event, T0) for event in events[:1]] for state, events in courses}


def test_the_likeliest_comes_first_with_the_points_of_each_reason() -> None:
    one, near, later, elsewhere = course("1", 0), course("2", 30), course("3", 300), course("4", 0, commune="00001")
    document = similar_to(one[0].incident, recorded(one, near, later, elsewhere))

    assert document is not None
    found = document["similar"]
    assert [each["incident"] for each in found] == [str(near[0].incident), str(later[0].incident)]
    assert [each["score"] for each in found] == [0.983, 0.833]
    assert all(round(sum(r["points"] for r in each["reasons"]), 3) == each["score"] for each in found)
    assert [reason["en"] for reason in found[0]["reasons"]][1:] == ["both in 19774", "30 min apart"]
    assert not any(each["suggested"] for each in found)


def test_what_is_over_is_neither_asked_about_nor_shown() -> None:
    one, other = course("1", 0), course("2", 30)
    close = acting(Close, dispatch_of(other[0]), disposition=Disposition.RESOLVED, summary="Xong")
    closed = after(other[0], close)
    facts = dict(recorded(one, other))
    facts[other[0].incident].append(Recorded(closed[1][0], T0 + timedelta(hours=1)))

    document = similar_to(one[0].incident, facts)
    assert document is not None
    assert document["similar"] == []
    assert similar_to(other[0].incident, facts) is None


def test_people_read_it_in_their_language_with_what_to_type() -> None:
    one, near = course("1", 0), course("2", 30)
    document = similar_to(one[0].incident, recorded(one, near))
    assert document is not None
    for language, words in ((Language.VI, "cùng loại NAT-FLOOD"), (Language.EN, "same category NAT-FLOOD")):
        console = Console(width=160)
        with console.capture() as captured:
            show_similar(console, document, language)
        assert words in captured.get()
        assert f"--into {near[0].incident}" in captured.get()

"""`phoihop parked show` and `replay` as typed: who can try again, what came of it, and never what a message says."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from contracts.streams import INTAKE, ROUTING_ACTIONS
from services.runtime.failures import REASON, SUBJECT
from services.runtime.publishing import SEQUENCE
from tests.integration.cli.commands import Ran, run
from tests.integration.http.hub import running_hub
from tests.integration.runtime.working import WHERE, Working, working


@pytest_asyncio.fixture
async def service(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Working]:
    """A hub on which routing is asked to try again."""
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    async with running_hub(server_folder) as hub, working(hub) as service:
        monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
        yield service


async def test_show_tells_where_it_came_from_why_and_who_can_try_it_again(service: Working) -> None:
    """An operator may not read what people say, so its body is never shown."""
    row = await service.parks_an_action(b"Nguyen Van A")
    await _park_sealed(service)

    shown = await _phoihop("parked", "show", row.sequence, "--json")
    told = await _phoihop("parked", "show", row.sequence, "--lang", "en")
    sealed = await _phoihop("parked", "show", 2)
    absent = await _phoihop("parked", "show", 4711, "--lang", "en")

    assert [shown.code, told.code, sealed.code, absent.code] == [0, 0, 0, 2]
    (document,) = shown.document["parked"]
    assert (document["subject"], document["reason"]) == (WHERE, "ValueError: the defect")
    assert (document["again"], document["origin"]) == ("service", row.origin)
    assert f"phoihop parked replay {row.sequence}" in told.out
    assert "phoihop ledger personal parked --retry" in sealed.out
    assert "phoihop parked list" in absent.err
    assert "Nguyen" not in shown.out + told.out


async def test_replay_succeeds_only_when_all_of_it_was_handled(service: Working) -> None:
    """A script that mends and replays must hear of what is still parked."""
    first, second = [await service.parks_an_action() for _ in range(2)]
    still = await _phoihop("parked", "replay", first.sequence, "--json")
    service.handlers[ROUTING_ACTIONS.durable].defect = None

    one = await _phoihop("parked", "replay", first.sequence, "--json")
    both = await _phoihop("parked", "replay", second.sequence, first.sequence, "--json")
    nothing = await _phoihop("parked", "replay", "--all", "--json")
    await _park_sealed(service)
    sealed = await _phoihop("parked", "replay", "--all", "--lang", "en")

    assert (still.code, _outcomes(still)) == (1, [(first.sequence, "failed")])
    assert still.document["parked"][0]["reason"] == "ValueError: the defect"
    assert (one.code, _outcomes(one)) == (0, [(first.sequence, "done")])
    assert (both.code, _outcomes(both)) == (1, [(second.sequence, "done"), (first.sequence, "gone")])
    assert (nothing.code, nothing.document) == (0, {"parked": []})
    assert sealed.code == 1
    assert "cannot be tried again in this way" in sealed.out


@pytest.mark.parametrize("typed", [[], ["1", "--all"], ["0"], ["x"]])
async def test_replay_wants_numbers_or_all(typed: list[str]) -> None:
    assert (await _phoihop("parked", "replay", *typed)).code == 2


async def _park_sealed(service: Working) -> None:
    sealed = {SUBJECT: "inbox.report.ub.u-1", SEQUENCE: "1", REASON: "ValueError in accept"}
    await service.bus.publisher.park(INTAKE.stream, INTAKE.durable, sealed, b"sealed")


def _outcomes(ran: Ran) -> list[tuple[int, str]]:
    return [(row["sequence"], row["outcome"]) for row in ran.document["parked"]]


async def _phoihop(*arguments: object) -> Ran:
    return await asyncio.to_thread(run, *arguments)

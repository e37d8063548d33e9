"""Two approvers with keys of their own put a set in force on the real server; nobody else can, nor one for both."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import pytest

from contracts.activation import ActivationData, Approver, RegulationActivationRefused
from contracts.identity import AUDITOR, OPERATOR, Identity
from services.routing.in_force.recorded import Record
from services.routing.regulations.record.steps import Attempt, approve, install, propose
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import Publisher, Recorded
from tests.integration.attacks.arena import DESK, OTHER_OWNER, OWNER, ROUTING, UNIT, Arena
from tests.unit.regulations.hub import PROVED, REGISTER, text

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, SECOND = Approver(agency="alpha", role="legal"), Approver(agency="beta", role="chief")
AGENCIES: Final = {"alpha", "beta"}


async def _book(arena: Arena) -> Record:
    """What the record says now, read as an auditor."""
    record = Record()
    await record.catch_up((await arena.line(AUDITOR)).client)
    return record


async def _record(arena: Arena, who: Identity, steps: tuple[ActivationData, ...], by: Approver | None) -> bool:
    """Whether this party gets these facts onto the record in that name."""
    record, line = await _book(arena), await arena.line(who)
    try:
        return isinstance(await record.add(Publisher(line.client), steps, _now(), by), Recorded)
    except (BusUnavailableError, JetStreamRefusedError):
        return False


def _now() -> datetime:
    return datetime.now(UTC)


async def _installed(arena: Arena) -> None:
    """The hub's own set, as routing records it when it first starts."""
    facts = install((await _book(arena)).book, REGISTER, text("1"), _now()).facts
    assert not facts or await _record(arena, ROUTING, facts, None)


async def _proposed(arena: Arena, version: str) -> UUID:
    record, proposal = await _book(arena), uuid4()
    steps = propose(record.book, text(version), PROVED, Attempt(FIRST, _now(), AGENCIES), (proposal, None))
    assert not isinstance(steps, RegulationActivationRefused), steps
    assert await _record(arena, OWNER, steps, FIRST)
    return proposal


async def _approval(arena: Arena, proposal: UUID, by: Approver) -> tuple[ActivationData, ...]:
    """What whoever says to be `by` would record to agree."""
    record = await _book(arena)
    known = record.book.proposals[proposal]
    steps = approve(record.book, known, PROVED, Attempt(by, _now(), AGENCIES), known.proposed.sha256)
    assert not isinstance(steps, RegulationActivationRefused), steps
    return steps


async def _decides(arena: Arena) -> str:
    switch = (await _book(arena)).book.in_force(datetime.max.replace(tzinfo=UTC))
    assert switch is not None
    return switch.activated.version


@pytest.mark.timeout(120)
async def test_two_with_their_own_keys_put_a_set_in_force_and_nobody_else_does(arena: Arena) -> None:
    """A name on a form is no approval: the server must have seen the key of each of the two."""
    await _installed(arena)
    before = await _decides(arena)
    proposal = await _proposed(arena, wanted := str(int(before) + 1))
    steps = await _approval(arena, proposal, SECOND)

    for cheat in (OWNER, ROUTING, OPERATOR, AUDITOR, DESK, UNIT):
        assert not await _record(arena, cheat, steps, SECOND), f"{cheat.name} in the name of the second approver"
        assert await _decides(arena) == before
    assert await _record(arena, ROUTING, steps, None), "a compromised service may write here, in its own name"
    assert await _decides(arena) == before
    assert await _record(arena, OWNER, steps, FIRST), "one approver says the other agreed"
    assert await _decides(arena) == before

    assert await _record(arena, OTHER_OWNER, steps, SECOND)
    assert await _decides(arena) == wanted


async def test_an_approval_recorded_once_is_good_for_no_other_proposal(arena: Arena) -> None:
    """A replay: the first approver copies, byte for byte, what the second once recorded."""
    await _installed(arena)
    version = str(int(await _decides(arena)) + 1)
    steps = await _approval(arena, await _proposed(arena, version), SECOND)
    assert await _record(arena, OTHER_OWNER, steps, SECOND)
    await _proposed(arena, str(int(version) + 1))

    assert await _record(arena, OWNER, steps, FIRST)
    assert not await _record(arena, OWNER, steps, SECOND)

    assert await _decides(arena) == version

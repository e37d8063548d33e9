"""Two approvers with keys of their own put a set in force on the real server; nobody else can, nor one for both."""

import asyncio
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import pytest
import typer

from contracts.activation import ActivationData, Approver, RegulationActivationRefused
from contracts.identity import AUDITOR, OPERATOR, Identity
from services.routing.commands.asking import in_the_name_of
from services.routing.in_force.activating import Lines
from services.routing.in_force.recorded import Record
from services.routing.regulations.record.steps import Attempt, approve, install, propose
from services.runtime.credentials import key_file
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.publishing import Publisher, Recorded
from services.runtime.terminal import Exit, Language
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


async def test_a_step_with_anothers_key_is_refused_and_the_command_says_that_it_is_the_key(
    arena: Arena, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told that the server is away, an approver would wait for it, or try other keys."""
    monkeypatch.setenv("PHOIHOP_NATS_URL", arena.server.url)
    monkeypatch.setenv("PHOIHOP_NATS_CREDS", str(key_file(arena.home, AUDITOR)))
    await _installed(arena)
    steps = await _approval(arena, await _proposed(arena, str(int(await _decides(arena)) + 1)), SECOND)

    async def step(lines: Lines) -> object:
        record = Record()
        await record.catch_up(lines.reader)
        return await record.add(Publisher(lines.writer), steps, _now(), SECOND)

    with pytest.raises(typer.Exit) as ended:
        await asyncio.to_thread(in_the_name_of, Language.EN, SECOND, key_file(arena.home, OWNER), step)

    assert ended.value.exit_code == Exit.USAGE
    assert "no key of owner.beta.chief" in capsys.readouterr().err

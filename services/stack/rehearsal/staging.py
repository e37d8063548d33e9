"""Puts a script on a running stack, or on one of its own, and compares what came of it with the ledger."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from contracts.identity import AUDITOR
from services.audit.recomputing.verification import Verification, verify
from services.runtime.clock import monotonic
from services.runtime.embedded.local_stack import StackState, running_stack
from services.stack.demo.record import on_record
from services.stack.identity.lines import lines
from services.stack.rehearsal.checking import Fault, watched
from services.stack.rehearsal.killing import Killer
from services.stack.rehearsal.looking_back import Glimpse, Reckoned, looked_back, reckoned, unreckoned
from services.stack.rehearsal.playing import Rehearsal, Seen
from services.stack.rehearsal.script import FOREST_FIRE, INSTANTS
from services.stack.settings import StackSettings
from services.stack.stack import LocalStack

RECORDED_SECONDS: Final = 45.0
LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Result:
    """What a rehearsal came to."""

    rehearsal: Rehearsal
    faults: tuple[Fault, ...]
    """What must never be true of any incident, and facts that the ledger does not hold."""
    glimpses: tuple[Glimpse, ...]
    """The first incident as it was at several instants."""
    reckoned: Reckoned
    """What the obligations report counts of it."""
    verification: Verification
    seconds: float

    @property
    def sound(self) -> bool:
        """Every step brought what it should, nothing is wrong with the facts, and the ledger verifies."""
        as_expected = all(seen.as_expected for seen in self.rehearsal.steps)
        return as_expected and not self.faults and self.verification.verified

    @property
    def document(self) -> dict[str, Any]:
        """The document of `--json`."""
        record, killer = self.rehearsal.record, self.rehearsal.killer
        watch = record.watch
        return {
            "script": self.rehearsal.script.code,
            "sound": self.sound,
            "steps": [_told(seen) for seen in self.rehearsal.steps],
            "incidents": {letter: str(incident) for letter, incident in record.incidents.items()},
            "facts": len(record.facts),
            "refused": len(record.refused),
            "kills": killer.kills if killer else 0,
            "obligations": {
                "arisen": len(watch.arisen),
                "ended": len(watch.ended),
                "forgotten": len(watch.lost()),
                "fired": watch.fired.total(),
                "fired_twice": len(watch.twice()),
            },
            "instants": [
                asdict(one) | {"incident": str(one.incident), "at": one.at.isoformat()} for one in self.glimpses
            ],
            "obligations_report": self.reckoned._asdict(),
            "faults": [fault.en for fault in self.faults],
            "story": record.story(),
            "ledger": {"entries": self.verification.entries, "verified": self.verification.verified},
            "seconds": round(self.seconds, 1),
        }


@asynccontextmanager
async def stack_for(
    settings: StackSettings, home: Path, speed: float, observe: Callable[[str], None]
) -> AsyncIterator[StackState]:
    """The stack that runs in this home, or one of its own for as long as it is needed.

    Raises `ServerUnavailableError` when it does not come up.
    """
    if (state := running_stack(home)) is not None:
        yield state
        return
    stop, up = asyncio.Event(), asyncio.get_running_loop().create_future()
    stack = LocalStack(settings.apart(home, 1 / speed), observe, ready=up.set_result)
    running = asyncio.create_task(stack.run(stop))
    try:
        await asyncio.wait({running, up}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield up.result()
    finally:
        stop.set()
        await asyncio.wait({running})


async def rehearse(
    state: StackState, home: Path, killer: Killer | None, seen: Callable[[Rehearsal, Seen], None]
) -> Result:
    """The whole script, then the checks of everything it recorded."""
    began, before = monotonic(), await reckoned(state.postgres_dsn)
    async with lines(state.nats_url, home) as parties:
        auditor = await parties.of(AUDITOR)
        rehearsal = Rehearsal(parties, auditor, FOREST_FIRE, state.time_scale, killer, seen)
        await rehearsal.play()
        glimpses, faults = await looked_back(auditor, rehearsal, INSTANTS)
    faults += watched(rehearsal.record.facts).faults + await _unrecorded(rehearsal, state.postgres_dsn)
    on_top = (await reckoned(state.postgres_dsn)).since(before)
    faults += unreckoned(rehearsal, on_top)
    verification = await verify(state.postgres_dsn)
    return Result(rehearsal, tuple(faults), tuple(glimpses), on_top, verification, monotonic() - began)


async def _unrecorded(rehearsal: Rehearsal, dsn: str) -> list[Fault]:
    """The facts that the ledger does not hold after it had time to take them in."""
    wanted = {fact.id for fact in (*rehearsal.record.facts, *rehearsal.record.reports)}
    end = monotonic() + RECORDED_SECONDS
    while missing := wanted - (await on_record(dsn, rehearsal.sequence)).ids:
        if monotonic() > end:
            return [Fault(f"sổ thiếu sự kiện {one}", f"the ledger lacks fact {one}") for one in sorted(missing)]
        await asyncio.sleep(LOOK_SECONDS)
    return []


def _told(seen: Seen) -> dict[str, Any]:
    return {
        "step": seen.step.key,
        "as_expected": seen.as_expected,
        "missing": [" ".join(filter(None, one)) for one in seen.missing],
        "leads": seen.leads,
        "commands": seen.commands,
        "problem": seen.problem,
        "seconds": seen.seconds,
    }

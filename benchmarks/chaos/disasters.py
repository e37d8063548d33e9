"""What is done to the system in each scenario; what it must come to stands with the scenario or in its last lines."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from benchmarks.chaos.clocked import TRUE, clock_of
from benchmarks.chaos.faults import lives
from benchmarks.chaos.plan import NATS, POSTGRES, SERVICES, Kind
from benchmarks.chaos.play import Play
from tests.system.checker import Flaw
from tests.system.evidence import Evidence

SLOW_BYTES: Final = 200_000
"""A second, for each of the two servers."""
STEPS: Final = (-7200, -90, 90, 7200)
"""Seconds: what is noticed and what is hardly noticed, both ways."""


async def hang(play: Play) -> None:
    """Two services are stopped and nobody continues them: the supervisor must find out and replace them."""
    saboteur = play.stage.saboteur
    for name in play.chance.sample(SERVICES, 2):
        await play.lull()
        pid = await saboteur.ready(name)
        before = saboteur.stuck(name)
        async with play.act(Kind.HANG, name) as notes:
            os.kill(pid, signal.SIGSTOP)
            began = play.now()
            async with asyncio.timeout(60):
                while saboteur.stuck(name) == before:  # noqa: ASYNC110  # nobody tells of it
                    await asyncio.sleep(0.1)
            notes.append(f"ended from outside after {play.now() - began:.1f} s")
            await saboteur.ready(name)


async def full_bus(play: Play) -> None:
    """Nothing can be stored; senders get no answer, intake turns red; then there is room, and all is caught up with."""
    await _full(play, NATS, "intake", "while nothing can be stored")


async def full_database(play: Play) -> None:
    """Nothing can be recorded; the audit turns red and catches up when there is room. Postgres may end meanwhile."""
    await _full(play, POSTGRES, "audit", "while nothing can be recorded")


async def _full(play: Play, server: str, service: str, meanwhile: str) -> None:
    volume = play.stage.volumes[server]
    await play.lull()
    async with play.act(Kind.FULL, server) as notes:
        notes.append(f"{await asyncio.to_thread(volume.fill) >> 20} MB taken")
        notes.append(await play.stage.saboteur.turns_red(service, meanwhile))
        await play.lull()
        volume.clear()
    await play.lull()


async def slow(play: Play) -> None:
    """Both disks take so many bytes a second, then none at all for a while."""
    volumes = play.stage.volumes
    await play.lull()
    async with play.act(Kind.SLOW, "nats, postgres") as notes:
        with volumes["nats"].slow(SLOW_BYTES), volumes["postgres"].slow(SLOW_BYTES):
            await play.lull(12, 18)
        notes.append(f"{SLOW_BYTES >> 10} kB/s each")
    for name in play.chance.sample(sorted(volumes), len(volumes)):
        await play.lull()
        async with play.act(Kind.SLOW, name) as notes:
            seconds = round(play.chance.uniform(3, 8), 1)
            await asyncio.to_thread(volumes[name].hang, seconds)
            notes.append(f"no write for {seconds} s")


async def step(play: Play) -> None:
    """The clock of one service after the other jumps and jumps back; deadlines come when they are due by the stream."""
    clocks = play.stage.clocks
    for name in play.chance.sample(SERVICES, len(SERVICES)):
        await play.lull()
        async with play.act(Kind.STEP, name) as notes:
            seconds = play.chance.choice(STEPS)
            clock_of(clocks, name).write_text(f"{seconds:+d}\n")
            await play.lull(6, 9)
            clock_of(clocks, name).write_text(f"{TRUE}\n")
            notes.append(f"{seconds:+d} s")
    play.looks.append(_too_early)


def _too_early(evidence: Evidence) -> Iterable[Flaw]:
    """Silence is heard when its time has passed by the clock of the stream, whatever a service believes."""
    due = {
        owed["obligation"]: owed["due"]
        for fact in (*evidence.of("DispatchIssued"), *evidence.of("DispatchRepeated"))
        for owed in (*fact.data.get("obligations", ()), *([fact.data["repeat"]] if "repeat" in fact.data else ()))
    }
    for kind in ("DispatchRepeated", "DispatchEscalated"):
        for fact in evidence.of(kind):
            when = due.get(fact.data.get("obligation"))
            if when is not None and fact.stored_at.isoformat() < when:
                yield Flaw("deadline: before its time", f"{kind} {fact.sequence} at {fact.stored_at}, due {when}")


async def power_cut(play: Play) -> None:
    """At a moment of the seed's, with reports, acts and deadlines under way."""
    await play.lull(8, 14)
    async with play.act(Kind.POWER, "everything") as notes:
        used = await play.stage.lose_power()
        notes.append(f"up again from {used >> 20} MB that were on disk")


async def old_backup(play: Play) -> None:
    """A copy of the stopped database, load, then the copy in its place.

    The audit records again what the copy lacks, from the stream: every fact is in the ledger once. But what was signed
    before says otherwise when it was recorded: only `phoihop ledger refill` gives an entry its time back. So the notary
    must raise the alarm, and not sign the other history.
    """
    data = play.stage.home / "postgres" / "data"
    copy = play.stage.folder / "backup"
    await play.lull()
    async with play.act(Kind.TERMINATE, POSTGRES) as notes:
        await while_ended(play, POSTGRES, signal.SIGINT, lambda: _copied(data, copy))
        notes.append("a copy is made before it starts again")
    await play.lull(14, 18)  # a checkpoint is signed every ten seconds
    async with play.act(Kind.RESTORE, POSTGRES) as notes:
        await while_ended(play, POSTGRES, signal.SIGINT, lambda: _copied(copy, data))
        notes.append("the copy is put in its place")
    await play.lull(20, 25)
    alarms = sorted(path.name for path in (play.stage.home / "alarms").glob("*"))
    async with play.act(Kind.RESTORE, "notary") as notes:
        notes.append(f"alarms: {', '.join(alarms) or 'none'}")
    if not alarms:
        play.stage.saboteur.flaws.append(Flaw("restore: unnoticed", "the notary raised no alarm"))


async def while_ended(play: Play, name: str, ending: signal.Signals, work: Callable[[], None]) -> None:
    """Does something to the files of a server that has ended, before it is started again.

    The supervisor runs in this very loop: for as long as this function does not wait, it cannot start anything.
    """
    pid = await play.stage.saboteur.ready(name)
    os.kill(pid, ending)
    while lives(pid):
        time.sleep(0.02)  # noqa: ASYNC251  # see above
    work()
    await play.stage.saboteur.ready(name)


def _copied(source: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["/bin/cp", "-a", str(source), str(to)], check=True)

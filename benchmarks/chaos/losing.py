"""Plays the scenario of one changed bit: load, the bit, more load, and what stream, ledger and audit say afterwards."""

import asyncio
import http.client
import random
import signal
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from benchmarks.chaos.disasters import while_ended
from benchmarks.chaos.faults import BACK_SECONDS, RED_SECONDS
from benchmarks.chaos.flipping import Flipped, Held, aftermath, flip_a_bit, never_recorded
from benchmarks.chaos.plan import NATS, Kind
from benchmarks.chaos.play import Play
from benchmarks.chaos.stage import Stage, staged
from benchmarks.chaos.verdict import summary
from tests.system.evidence import ledger_rows, read_stream

AUDIT: Final = "audit"
_ALL: Final = 2**62


async def flipped(seed: int, rate: float) -> Flipped:
    """On a system of its own. Who is not answered afterwards was promised nothing, and is not waited for."""
    async with staged(seed, {}) as stage:
        play = Play(stage, random.Random(seed), monotonic())  # noqa: S311  # repeatable, not secret
        sending = asyncio.create_task(stage.units.send_while(lambda _: True, rate))
        try:
            await play.lull(8, 12)
            before = await _recorded(stage)
            async with play.act(Kind.FLIP, NATS) as notes:
                notes.append(await _flip(play))
            noticed = await _noticed(stage)
            after = await _held(stage)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        lost, flaws = after.lost(), aftermath(before, after, stage.units.sent, noticed)
        return Flipped(
            seed=seed,
            seconds=round(play.now(), 1),
            faults=tuple(stage.saboteur.done),
            reports_sent=len(stage.units.sent),
            facts_before=len(before.facts),
            entries_before=len(before.rows),
            lost=len(lost),
            shortest_lost=min((f"{row.event_type} {row.sequence}" for row in lost), key=len, default=""),
            never_recorded=len(never_recorded(after, stage.units.sent)),
            noticed=noticed,
            flaws=summary([*stage.saboteur.flaws, *flaws]),
        )


async def _flip(play: Play) -> str:
    store, said = play.stage.home / "nats" / "store", list[str]()
    await while_ended(play, NATS, signal.SIGKILL, lambda: said.append(flip_a_bit(store, play.chance)))
    return said[0]


async def _recorded(stage: Stage) -> Held:
    """The stream as it is, and a ledger that holds all of it."""
    facts = await read_stream(stage.client, "EVENTS")
    async with asyncio.timeout(BACK_SECONDS):
        while True:
            rows = await ledger_rows(stage.dsn, facts[-1].sequence)
            if len(rows) == len(facts):
                return Held(facts, rows)
            await asyncio.sleep(0.5)


async def _held(stage: Stage) -> Held:
    return Held(await read_stream(stage.client, "EVENTS"), await ledger_rows(stage.dsn, _ALL))


async def _noticed(stage: Stage) -> str:
    """What the audit says is wrong once it has had its time; a connection that is only just back is no answer."""
    await asyncio.sleep(2 * RED_SECONDS)
    url = next(one.url for one in stage.stack.supervisor.processes() if one.name == AUDIT)
    return await asyncio.to_thread(_not_ready, url or "")


def _not_ready(url: str) -> str:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read().decode()
    except OSError as gone:
        return f"it is not there: {gone}"
    finally:
        connection.close()
    return "" if answer.status == http.client.OK else said

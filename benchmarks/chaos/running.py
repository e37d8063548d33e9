"""One run against the real system: load and live desks while the plan is carried out, then quiet, evidence, verdict."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from benchmarks.chaos.faults import Saboteur
from benchmarks.chaos.plan import SERVICES, plan, whole_system
from benchmarks.chaos.stage import LIVE_DESKS, TIME_SCALE
from benchmarks.chaos.verdict import Verdict, judge
from benchmarks.whole import Whole, whole
from tests.system.checker import SILENCE, Flaw
from tests.system.desks import Desk
from tests.system.evidence import Evidence, gather, settled
from tests.system.load import Units

ANSWER_SECONDS: Final = 120.0
"""For the last receipts, after all parts are back."""
LOOKS: Final = 3
"""A machine that is busy with other things answers a question of the runner late."""
_UNSEEN: Final = (AssertionError, NatsError, OSError, asyncpg.PostgresError, TimeoutError, ExceptionGroup)


async def chaos(seed: int, seconds: float, rate: float) -> Verdict:
    """Starts a system of its own, breaks it for so long, and says what came of it."""
    async with whole(SERVICES, TIME_SCALE=TIME_SCALE) as system:
        units, desks = Units(system.client, seed), [Desk(system.client, *who) for who in LIVE_DESKS]
        await units.listen()
        saboteur = Saboteur(system.stack.supervisor, system.client, _ports(system), SERVICES)
        breaking = saboteur.carry_out(plan(seed, seconds, whole_system()), seconds)
        await under_load(saboteur, (units, desks), breaking, seconds, rate)
        evidence = await looked_at(system.client, system.state.postgres_dsn, desks, saboteur.flaws)
        acted = [act for desk in desks for act in desk.acted]
        return judge(seed, seconds, saboteur.done, units.sent, (evidence, acted, saboteur.flaws))


async def under_load(
    saboteur: Saboteur,
    everybody: tuple[Units, Sequence[Desk]],
    work: Coroutine[Any, Any, None],
    seconds: float,
    rate: float,
) -> None:
    """Until the work is done, every part is back, every sender answered, nothing left over and silence had its time."""
    units, desks = everybody
    stop = asyncio.Event()
    working = [asyncio.create_task(desk.work(stop, every=4)) for desk in desks]
    breaking = asyncio.create_task(work)
    sending = asyncio.create_task(units.send_while(lambda at: at < seconds or not breaking.done(), rate))
    try:
        await breaking
        await saboteur.all_back()
        await _answered(sending, saboteur.flaws)
        await _quiet(saboteur)
        stop.set()
        await _answered(asyncio.gather(*working), saboteur.flaws)
    finally:
        for task in (breaking, sending, *working):
            task.cancel()
        await asyncio.gather(breaking, sending, *working, return_exceptions=True)


async def _answered(work: Awaitable[object], flaws: list[Flaw]) -> None:
    began = monotonic()
    try:
        await asyncio.wait_for(work, ANSWER_SECONDS)
    except TimeoutError:
        flaws.append(Flaw("system: no answers", f"somebody waits since {monotonic() - began:.0f} s"))


async def _quiet(saboteur: Saboteur) -> None:
    """What is due now gets the time it may take; then nothing may be left over."""
    await asyncio.sleep(SILENCE.total_seconds())
    try:
        print(f"settled after {await settled(saboteur.client):.1f} s", flush=True)
    except AssertionError as standstill:
        saboteur.flaws.append(Flaw("system: standstill", str(standstill)))


async def looked_at(client: Client, dsn: str, desks: Sequence[Desk], flaws: list[Flaw]) -> Evidence | None:
    """What there is to see; None, and a flaw, where nobody can look at it. Looking again changes nothing."""
    for left in reversed(range(LOOKS)):
        try:
            return await gather(client, dsn, list(desks))
        except _UNSEEN as error:
            seen = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            if not left:
                flaws.append(Flaw("system: cannot be looked at", f"{type(seen).__name__} {seen}"))
    return None


def _ports(system: Whole) -> dict[str, int]:
    """Both servers keep theirs when they are started again."""
    urls = {"nats": system.state.nats_url, "postgres": system.state.postgres_dsn}
    return {name: port for name, url in urls.items() if (port := urlsplit(url).port)}

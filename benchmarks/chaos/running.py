"""One run against the real system: load and live desks while the plan is carried out, then quiet, evidence, verdict."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any
from urllib.parse import urlsplit

from benchmarks.chaos.faults import Saboteur
from benchmarks.chaos.plan import SERVICES, plan, whole_system
from benchmarks.chaos.settling import answered, looked_at, quiet
from benchmarks.chaos.stage import LIVE_DESKS, TIME_SCALE
from benchmarks.chaos.verdict import Verdict, judge
from benchmarks.whole import REFERENCE, Whole, whole
from tests.system.desks import Desk
from tests.system.load import Units


async def chaos(seed: int, seconds: float, rate: float) -> Verdict:
    """Starts a system of its own, breaks it for so long, and says what came of it."""
    async with whole(SERVICES, REFERENCE, TIME_SCALE=TIME_SCALE) as system:
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
        await answered(sending, saboteur.flaws)
        await quiet(saboteur.client, saboteur.flaws)
        stop.set()
        await answered(asyncio.gather(*working), saboteur.flaws)
    finally:
        for task in (breaking, sending, *working):
            task.cancel()
        await asyncio.gather(breaking, sending, *working, return_exceptions=True)


def _ports(system: Whole) -> dict[str, int]:
    """Both servers keep theirs when they are started again."""
    urls = {"nats": system.state.nats_url, "postgres": system.state.postgres_dsn}
    return {name: port for name, url in urls.items() if (port := urlsplit(url).port)}

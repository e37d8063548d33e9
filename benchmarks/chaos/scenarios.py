"""What does not fit into a plan of many faults: one scenario each, on a system of its own, with its own expectation."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from benchmarks.chaos import disasters
from benchmarks.chaos.faults import BACK_SECONDS
from benchmarks.chaos.flipping import Flipped
from benchmarks.chaos.losing import flipped
from benchmarks.chaos.play import Play
from benchmarks.chaos.running import under_load
from benchmarks.chaos.settling import looked_at
from benchmarks.chaos.stage import staged
from benchmarks.chaos.verdict import Verdict, judge
from services.runtime.embedded.process import ServerUnavailableError
from tests.system.checker import Flaw


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of disaster."""

    text: str
    play: Callable[[Play], Awaitable[None]]
    volumes: Mapping[str, int] = field(default_factory=dict)
    """Folders of the home with a file system of their own, and its megabytes."""
    clocks: bool = False
    """Each service has a wall clock of its own."""


SCENARIOS: Final = {
    "hang": Scenario("services are stopped and never continued", disasters.hang),
    "full-nats": Scenario("no room left for the streams, then room again", disasters.full_bus, {"nats": 400}),
    "full-postgres": Scenario("no room left for the database", disasters.full_database, {"postgres": 500}),
    "slow-disk": Scenario("writes of both servers are slow, then hang", disasters.slow, {"nats": 400, "postgres": 500}),
    "clock-step": Scenario("the clocks of single services jump", disasters.step, clocks=True),
    "power-cut": Scenario("all ends at once, what is on disk remains", disasters.power_cut, {".": 800}),
    "old-backup": Scenario("Postgres goes on from an earlier copy", disasters.old_backup),
}


BIT_FLIP: Final = "bit-flip"
TEXTS: Final = {name: one.text for name, one in SCENARIOS.items()} | {BIT_FLIP: "a stored fact is not what it was"}


async def scenario(name: str, seed: int, rate: float) -> Verdict | Flipped:
    """Plays one of them under load, and says what came of it. Raises `NotHereError`."""
    if name == BIT_FLIP:
        return await flipped(seed, rate)
    wanted = SCENARIOS[name]
    async with staged(seed, wanted.volumes, clocks=wanted.clocks) as stage:
        play = Play(stage, random.Random(seed), monotonic())  # noqa: S311  # repeatable, not secret
        saboteur = stage.saboteur
        await under_load(saboteur, (stage.units, stage.desks), _played(wanted, play), 0, rate)
        seconds = round(play.now(), 1)
        evidence = await looked_at(stage.client, stage.dsn, stage.desks, saboteur.flaws)
        flaws = [*saboteur.flaws, *(play.afterwards(evidence) if evidence else ())]
        acted = [act for desk in stage.desks for act in desk.acted]
        return judge(seed, seconds, saboteur.done, stage.units.sent, (evidence, acted, flaws))


async def _played(wanted: Scenario, play: Play) -> None:
    try:
        await wanted.play(play)
    except (TimeoutError, ServerUnavailableError) as error:
        said = str(error) or f"not within {BACK_SECONDS:.0f} s"
        play.stage.saboteur.flaws.append(Flaw("system: not back", said))

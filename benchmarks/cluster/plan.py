"""What is broken when, from a seed alone: the same seed is the same plan. It touches nothing."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HOSTS: Final = ("hub-1", "hub-2", "hub-3")
SERVICES: Final = ("intake", "routing", "audit")
INSTANCES: Final = ("a", "b")
"""The first on the first host, the second on the second; the third host has a nats-server alone."""
EVERYBODY: Final = "all"
DOWN: Final = (6.0, 12.0)
"""Seconds that something stays away: longer than an election takes."""


class Kind(StrEnum):
    """What can be done."""

    KILL_SERVER = "kill server"
    """SIGKILL of one nats-server, which stays away for a while."""
    KILL_LEADER = "kill leader"
    """The same for the server that leads the stream of facts."""
    CUT_HOST = "cut host"
    """One host loses its link: its server, and what runs there, reach nobody."""
    CUT_LINK = "cut link"
    """Two hosts do not reach each other; both reach the third."""
    ROLL = "roll"
    """Every nats-server in turn: lame duck, stopped, started again; the next when all is well."""
    KILL_INSTANCE = "kill instance"
    """SIGKILL of the instance of a service that works."""
    FREEZE_INSTANCE = "freeze instance"
    """SIGSTOP of it; the other takes over, and then it goes on with what it knew."""


TARGETS: Final[Mapping[Kind, Sequence[str]]] = {
    Kind.KILL_SERVER: HOSTS,
    Kind.KILL_LEADER: ("EVENTS",),
    Kind.CUT_HOST: HOSTS,
    Kind.CUT_LINK: ("hub-1 hub-2", "hub-1 hub-3", "hub-2 hub-3"),
    Kind.ROLL: (EVERYBODY,),
    Kind.KILL_INSTANCE: SERVICES,
    Kind.FREEZE_INSTANCE: SERVICES,
}
FIRST: Final = (Kind.KILL_LEADER, Kind.CUT_HOST, Kind.FREEZE_INSTANCE, Kind.KILL_INSTANCE)
"""What a short run must not leave out; in an order of the seed's too."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault."""

    kind: Kind
    target: str
    seconds: float
    """How long it lasts."""


def plan(seed: int, most: int) -> tuple[Fault, ...]:
    """So many faults, one after the other; every kind comes before one comes again."""
    chance = random.Random(seed)  # noqa: S311  # a plan is repeatable, not secret
    found: list[Fault] = []
    while len(found) < most:
        others = [kind for kind in Kind if kind not in FIRST]
        for kind in (*chance.sample(FIRST, len(FIRST)), *chance.sample(others, len(others))):
            lasts = 0.0 if kind in {Kind.ROLL, Kind.KILL_INSTANCE} else round(chance.uniform(*DOWN), 1)
            found.append(Fault(kind, chance.choice(TARGETS[kind]), lasts))
    return tuple(found[:most])

"""What is broken when, from a seed alone: the same seed is the same plan. It touches nothing."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.streams import AUDIT, INTAKE, ROUTING_ACTIONS, ROUTING_DUE, ROUTING_REPORTS, ROUTING_SCHEDULES

SERVICES: Final = ("intake", "routing", "audit", "notary")
NATS: Final = "nats"
POSTGRES: Final = "postgres"
LOAD: Final = "load"
"""Units and desks: the program that asks for it all."""
ALL_SERVICES: Final = "services"
OWNERS: Final = {
    INTAKE: "intake",
    ROUTING_REPORTS: "routing",
    ROUTING_ACTIONS: "routing",
    ROUTING_SCHEDULES: "routing",
    ROUTING_DUE: "routing",
    AUDIT: "audit",
}
"""Durables that may be deleted, and the service that must notice."""
FREEZES: Final = (0.5, 8.0)
GAPS: Final = (0.4, 2.5)
AFTER_A_DEPLOYMENT: Final = 6.0


class Kind(StrEnum):
    """What can be done to a part."""

    KILL = "kill"
    """SIGKILL."""
    TERMINATE = "terminate"
    """SIGTERM, as a service manager does; SIGINT for Postgres, whose SIGTERM only waits for its clients to leave."""
    FREEZE = "freeze"
    """SIGSTOP of the process and its children, SIGCONT later."""
    CUT = "cut"
    """Every TCP connection to the servers is shut down under the process that holds it."""
    IMMEDIATE = "immediate"
    """SIGQUIT of Postgres: no checkpoint, clients cut."""
    FORGET = "forget"
    """A durable consumer is deleted under its service."""
    DEPLOY = "deploy"
    """SIGTERM of all services, one after the other, each waited for."""
    HANG = "hang"
    """SIGSTOP, and nobody continues it. This and what follows happens in scenarios only."""
    FULL = "full"
    """No room on the file system of a server, then room again."""
    SLOW = "slow"
    """Writes to the disks of both servers take long, then wait altogether."""
    STEP = "step"
    """The wall clock of one process jumps, and stays wrong for a while."""
    POWER = "power"
    """All ends at one instant; what was on disk is what there is."""
    FLIP = "flip"
    """One bit of the stored stream is another one."""
    RESTORE = "restore"
    """Postgres goes on from a copy made earlier."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault."""

    at: float
    """Seconds after the load began; later where what came before took longer."""
    kind: Kind
    target: str
    seconds: float = 0.0
    """How long a freeze lasts."""


def whole_system() -> dict[Kind, Sequence[str]]:
    """Whom each kind of fault may strike in the real system."""
    everyone = (*SERVICES, NATS, POSTGRES)
    return {
        Kind.KILL: everyone,
        Kind.TERMINATE: everyone,
        Kind.FREEZE: everyone,
        Kind.CUT: (*SERVICES, LOAD),
        Kind.IMMEDIATE: (POSTGRES,),
        Kind.FORGET: tuple(consumer.durable for consumer in OWNERS),
        Kind.DEPLOY: (ALL_SERVICES,),
    }


def plan(seed: int, seconds: float, targets: Mapping[Kind, Sequence[str]]) -> tuple[Fault, ...]:
    """Faults within so many seconds; every kind comes before one comes again, in an order of the seed's."""
    chance = random.Random(seed)  # noqa: S311  # a plan is repeatable, not secret
    found: list[Fault] = []
    kinds: list[Kind] = []
    at = chance.uniform(*GAPS)
    while at < seconds:
        kinds = kinds or chance.sample(sorted(targets), len(targets))
        kind = kinds.pop()
        held = round(chance.uniform(*FREEZES), 1) if kind is Kind.FREEZE else 0.0
        found.append(Fault(round(at, 1), kind, chance.choice(targets[kind]), held))
        at += held + chance.uniform(*GAPS) + (AFTER_A_DEPLOYMENT if kind is Kind.DEPLOY else 0)
    return tuple(found)

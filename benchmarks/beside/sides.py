"""Says how each peer is started and how much it is given; the peers themselves are the files `peer_*.py`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Bus(StrEnum):
    """What carries a peer's messages, and when it has them on disk."""

    REDIS_EVERY_SECOND = "everysec"
    """Redis with its append-only file written once a second: acknowledged before it is on disk."""
    REDIS_ALWAYS = "always"
    """Redis with an fsync before every answer."""
    NATS = "nats"
    """nats-server with an fsync before every acknowledgement, as ours."""
    POSTGRES = "postgres"
    """The database of the audit rows."""

    @property
    def server(self) -> str:
        """The program that carries them."""
        match self:
            case Bus.REDIS_EVERY_SECOND | Bus.REDIS_ALWAYS:
                return "redis-server"
            case Bus.NATS:
                return "nats-server"
            case Bus.POSTGRES:
                return "postgres"


class Side(NamedTuple):
    """One peer."""

    module: str
    """Its file; run by itself with two numbers it sends these reports."""
    bus: Bus
    workers: Mapping[str, tuple[str, ...]]
    """Its processes: arguments of the interpreter."""
    reports: int
    """Of a round: about as many as it does in a few seconds."""
    prepare: tuple[str, ...] = ()
    """What is run once before the workers start."""


def _celery(module: str, queues: str, *arguments: str) -> tuple[str, ...]:
    quiet = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return ("-m", "celery", "-A", f"benchmarks.beside.{module}", "worker", "-Q", queues, *quiet, *arguments)


_TUNED: Final = {
    "reports": _celery("peer_celery_tuned", "reports", "--pool", "solo", "--hostname", "reports@%h"),
    "desks": _celery("peer_celery_tuned", "desks", "--pool", "solo", "--hostname", "desks@%h"),
}
_USUAL: Final = {
    "workers": ("-m", "celery", "-A", "benchmarks.beside.peer_celery_usual", "worker", "--loglevel", "WARNING")
}
_PROCRASTINATE: Final = {
    name: (
        *(
            "-m",
            "procrastinate",
            "--log-level=warning",
            "--app=benchmarks.beside.peer_procrastinate.app",
            "worker",
            "--name",
            name,
        ),
        *("--queues", queues, "--concurrency", "10", "--delete-jobs", "always"),
    )
    for name, queues in (("reports", "reports"), ("desks", "desks"))
}
_FASTSTREAM: Final = {
    name: ("-m", "faststream", "run", f"benchmarks.beside.peer_faststream:{name}")
    for name in ("intake", "routing", "audit", "desks")
}
_PREPARE: Final = ("-m", "benchmarks.beside.peer_procrastinate", "prepare")
SIDES: Final[Mapping[str, Side]] = {
    "celery-redis tuned": Side("peer_celery_tuned", Bus.REDIS_EVERY_SECOND, _TUNED, 400),
    "celery-redis tuned, fsync always": Side("peer_celery_tuned", Bus.REDIS_ALWAYS, _TUNED, 200),
    "celery-redis usual": Side("peer_celery_usual", Bus.REDIS_EVERY_SECOND, _USUAL, 120),
    "procrastinate": Side("peer_procrastinate", Bus.POSTGRES, _PROCRASTINATE, 120, _PREPARE),
    "faststream idiomatic": Side("peer_faststream", Bus.NATS, _FASTSTREAM, 400),
}

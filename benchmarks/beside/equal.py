"""Decides whether a peer did the same job: all messages at their desks, all facts in its table. It measures nothing."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from benchmarks.beside.job import Report

_T = TypeVar("_T", bound=Hashable)


class UnequalError(AssertionError):
    """A peer's answer is not ours: its figures would compare different jobs."""


def handed(reports: Iterable[Report]) -> Counter[str]:
    """How many messages each desk must get of each report, as `Notes.delivered` writes them."""
    return Counter(f"{one.report} {fact.desk}" for one in reports for fact in one.facts if fact.desk is not None)


def noted(lines: Iterable[str]) -> Counter[str]:
    """How many messages each desk got of each report, by the notes."""
    return Counter(line for line in lines if not line.startswith("begun "))


def recorded(reports: Iterable[Report]) -> Counter[tuple[str, int]]:
    """Event and length of the body of every audit row there must be."""
    return Counter((fact.event_id, len(fact.body.encode())) for one in reports for fact in one.facts)


def check(reports: Sequence[Report], got: Counter[str], rows: Counter[tuple[str, int]]) -> None:
    """Raises unless desks got and rows hold what ours did: nothing missing, nothing twice, nothing else."""
    told = [*_different("messages to desks", handed(reports), got), *_different("audit rows", recorded(reports), rows)]
    if told:
        raise UnequalError("; ".join(told))


def _different(what: str, expected: Counter[_T], found: Counter[_T]) -> Iterator[str]:
    if missing := expected - found:
        yield f"{what}: {missing.total()} missing, such as {next(iter(missing))}"
    if beyond := found - expected:
        yield f"{what}: {beyond.total()} too many, such as {next(iter(beyond))}"

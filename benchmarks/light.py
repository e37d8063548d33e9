"""The speed of light of a report's journey: what it costs if nothing but the limits cost anything. Arithmetic only."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """CPU microseconds of one, client and server together, with nothing else running."""

    publish: float
    """A message handed in and acknowledged, pipelined."""
    record: float
    """A fact stored in an atomic batch of 100, fsync before the answer."""
    deliver: float
    """A message delivered by one standing pull, and acknowledged."""
    copy: float
    """A row copied in batches of 500 into a table without an index."""
    validate: float
    """A report read from its bytes."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one report leads to, on average."""

    handed_in: float
    recorded: float
    """Messages stored by services: facts, what is scheduled for them, what is shown of them."""
    delivered: float
    """To all consumers together, the receipt included."""
    rows: float
    """Of the ledger."""


def parts(limits: Limits, shape: Shape) -> dict[str, float]:
    """CPU microseconds of one report, by what they are for."""
    return {
        "publish": limits.publish * shape.handed_in,
        "record": limits.record * shape.recorded,
        "deliver": limits.deliver * shape.delivered,
        "COPY": limits.copy * shape.rows,
        "validate": limits.validate,
    }


def reports_per_second(spent: Mapping[str, float], cores: int) -> float:
    """With every processor busy with nothing else."""
    return cores * 1e6 / sum(spent.values())

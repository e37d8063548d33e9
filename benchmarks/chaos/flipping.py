"""One bit of the stored stream is changed while the server is down, as a disk may. What was lost must be noticed.

One server cannot bring back what its disk lost; that is why the ledger holds every fact. So the expectation is another
one than for the rest of chaos: the ledger keeps what it had, byte for byte; and if the stream has lost anything, also
what the ledger had not yet recorded, the audit says so.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.chaos.faults import Done
from benchmarks.chaos.verdict import Found
from contracts.streams import EVENTS
from tests.system.checker import Flaw
from tests.system.evidence import Fact, Row
from tests.system.load import Sent

BLOCKS: Final = f"jetstream/*/streams/{EVENTS.name}/msgs/*.blk"


@dataclass(frozen=True, slots=True)
class Flipped:
    """What one bit came to. `lost` is no flaw by itself; that nobody notices it is one."""

    seed: int
    seconds: float
    faults: tuple[Done, ...]
    reports_sent: int
    facts_before: int
    entries_before: int
    lost: int
    """Facts that the ledger holds and the stream no longer."""
    shortest_lost: str
    never_recorded: int
    """Events somebody was told of that were lost before the ledger had them: on one server nothing else has them."""
    noticed: str
    """What the audit says of it; empty when it is ready."""
    flaws: tuple[Found, ...]

    @property
    def sound(self) -> bool:
        """Whether what was lost was noticed, and nothing else happened."""
        return not self.flaws

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {"sound": self.sound} | asdict(self)


@dataclass(frozen=True, slots=True)
class Held:
    """The stream and the ledger at one moment."""

    facts: Sequence[Fact]
    rows: Sequence[Row]

    def lost(self) -> list[Row]:
        """Entries whose fact is not in the stream, whatever stands at its sequence now."""
        there = {fact.id for fact in self.facts}
        return [row for row in self.rows if row.event_id not in there]


def flip_a_bit(store: Path, chance: random.Random) -> str:
    """In the middle half of the oldest block of EVENTS in this store; which it was."""
    block = min(store.glob(BLOCKS), key=lambda path: int(path.stem))
    held = bytearray(block.read_bytes())
    place = chance.randrange(len(held) // 4, 3 * len(held) // 4)
    held[place] ^= 1 << chance.randrange(8)
    block.write_bytes(held)
    return f"one bit of byte {place} of {len(held)} in {block.name}"


def aftermath(before: Held, after: Held, sent: Iterable[Sent], noticed: str) -> list[Flaw]:
    """Every expectation that was not met."""
    found = list[Flaw]()
    now = {row.idx: row for row in after.rows}
    found += [Flaw("ledger: changed", f"idx {row.idx}") for row in before.rows if now.get(row.idx) != row]
    if noticed:
        return found
    found += [Flaw("report: lost unnoticed", event) for event in never_recorded(after, sent)]
    if lost := after.lost():
        found.append(Flaw("loss: unnoticed", f"{len(lost)} facts, first {lost[0].sequence} {lost[0].event_type}"))
    return found


def never_recorded(after: Held, sent: Iterable[Sent]) -> set[str]:
    """Events that somebody was told of, and that are neither in the stream nor in the ledger."""
    known = {fact.id for fact in after.facts} | {row.event_id for row in after.rows}
    return {told["event"] for one in sent for told in one.told} - known

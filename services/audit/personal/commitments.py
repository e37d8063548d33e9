"""Decides from an incident's entries which personal values its reports committed to, and which of them are erased."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.canonical import sha256_hex
from contracts.codes import Space
from contracts.events import ReportAccepted
from contracts.personal import PersonalDataErased, Sealed
from contracts.subjects import space_of_fact
from services.audit.evidence.trail import event_of
from services.audit.tables import Entry


@dataclass(frozen=True, slots=True)
class Holding:
    """The personal values of one report, as its fact commits to them."""

    event: UUID
    report: UUID
    idx: int
    """Its place in the ledger."""
    sealed: tuple[Sealed, ...]
    erased: bool
    """An erasure is on record: whatever key turns up afterwards, from a backup, opens nothing here."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one incident's reports hold."""

    space: Space
    reports: tuple[Holding, ...]

    @property
    def readable(self) -> tuple[UUID, ...]:
        """The reports nobody ordered erased."""
        return tuple(one.event for one in self.reports if not one.erased)


class Shown(StrEnum):
    """What became of one value that was asked for."""

    OPENED = "opened"
    ERASED = "erased"
    KEY_MISSING = "key_missing"
    """No key, and no erasure on record: somebody destroyed it past the record, or it was never backed up."""
    VALUE_MISSING = "value_missing"
    """The value is not in the database, or not there yet."""
    VALUE_CHANGED = "value_changed"
    """What is stored does not open the commitment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One value as it was found; `opened` is the text whose SHA-256 is the commitment."""

    holding: Holding
    sealed: Sealed
    shown: Shown
    opened: bytes = b""


def holdings(entries: Iterable[Entry]) -> Holdings | None:
    """The reports with personal values among these entries, in the order recorded; None where there are none."""
    found: list[tuple[Entry, ReportAccepted]] = []
    erased: set[UUID] = set()
    for entry in entries:
        match (event := event_of(entry)) and event.data:
            case ReportAccepted() as accepted if accepted.personal:
                found.append((entry, accepted))
            case PersonalDataErased() as erasure:
                erased.update(erasure.reports)
            case _:
                continue
    if not found:
        return None
    reports = (
        Holding(entry.event_id, data.report.report, entry.idx, data.personal or (), entry.event_id in erased)
        for entry, data in found
    )
    return Holdings(space_of_fact(found[0][0].subject), tuple(reports))


def answers(
    held: Holdings, keys: Mapping[UUID, bytes], opened: Mapping[str, bytes], stored: Iterable[str]
) -> Sequence[Answer]:
    """What can be shown of each value: `opened` by commitment, `stored` the commitments the database holds."""
    there = set(stored)
    return [
        _answer(holding, sealed, keys, opened, there=sealed.commitment in there)
        for holding in held.reports
        for sealed in holding.sealed
    ]


def _answer(
    holding: Holding, sealed: Sealed, keys: Mapping[UUID, bytes], opened: Mapping[str, bytes], *, there: bool
) -> Answer:
    text = opened.get(sealed.commitment, b"")
    if holding.erased:
        return Answer(holding, sealed, Shown.ERASED)
    if not there:
        return Answer(holding, sealed, Shown.VALUE_MISSING)
    if holding.event not in keys:
        return Answer(holding, sealed, Shown.KEY_MISSING)
    if sha256_hex(text) != sealed.commitment:
        return Answer(holding, sealed, Shown.VALUE_CHANGED)
    return Answer(holding, sealed, Shown.OPENED, text)

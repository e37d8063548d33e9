"""Puts the evidence file of one incident together under a checkpoint; where that comes from is decided elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.audit.evidence.bundle import evidence_files, proofs
from services.audit.evidence.photographs import photographs_of
from services.audit.evidence.references import References, in_order, references, versions_of
from services.audit.evidence.timeline import Enclosed, pages
from services.audit.evidence.trail import trail
from services.audit.notary.covering import Vouched, best, comparison, covering
from services.audit.notary.gathering import Gathered
from services.audit.tables import Entry
from services.audit.tlog.anchors import Compared


@dataclass(frozen=True, slots=True)
class Matter:
    """What an evidence file of one incident holds, before it is proved."""

    incident: UUID
    entries: Sequence[Entry]
    texts: References
    proved: Sequence[Entry]
    """The entries, and those that carry the texts."""

    @property
    def size(self) -> int:
        """How many entries a checkpoint has to cover."""
        return self.proved[-1].idx + 1


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Kept checkpoints disagree with the ledger: evidence would cover it up."""

    contradictions: Sequence[Compared]


async def matter_of(dsn: str, incident: UUID) -> Matter | None:
    """What the ledger holds of an incident; None where it knows none. Raises `LedgerUnavailableError`."""
    if not (entries := list(await trail(dsn, incident))):
        return None
    texts = await references(dsn, versions_of(entries))
    return Matter(incident, entries, texts, in_order(entries, texts))


async def kept_over(dsn: str, gathered: Gathered, size: int) -> Sequence[Vouched] | Contradicted:
    """The kept checkpoints that cover so many entries. Raises `LedgerUnavailableError`."""
    found = await comparison(dsn, gathered)
    return Contradicted(found.contradictions) if found.contradictions else covering(gathered, found, size)


async def best_over(dsn: str, gathered: Gathered, size: int) -> Vouched | Contradicted | None:
    """The one to give evidence under; None where no trusted one covers so many entries."""
    choices = await kept_over(dsn, gathered, size)
    return choices if isinstance(choices, Contradicted) else best(choices)


async def files_of(dsn: str, matter: Matter, under: Vouched, enclosed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Everything in the evidence file, with the photographs that are `enclosed` by their names in it.

    Raises `EntryNotProvedError`, `LedgerUnavailableError`.
    """
    made = await proofs(dsn, under.signed, matter.proved)
    files = evidence_files(under, matter.proved, made, matter.texts.texts) | dict(enclosed)
    held = tuple((one, one.document in enclosed) for one in photographs_of(matter.entries))
    return files | pages(matter.incident, matter.entries, under, Enclosed(matter.texts, held))

"""Finds the texts behind decisions, regulations and registers, among the recorded facts; it reads no file.

A decision names set and register by version only. `ReferenceRecorded` facts carry the text of each version, in parts,
each part an entry of the ledger like any other: so a text is proved by the same proofs as the decision itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic_core import from_json

from contracts import subjects
from contracts.activation import REGISTER_CODE, ReferenceRecorded, TextKind
from contracts.canonical import sha256_hex
from services.audit.evidence.trail import event_of
from services.audit.notary.checkpointing import snapshot
from services.audit.tables import Entry

CHUNK: Final = 50
_RECORDED: Final = """
    SELECT * FROM audit.entry
    WHERE (subject = ANY($1) OR subject LIKE ANY($2)) AND event_type LIKE 'phoihop.ReferenceRecorded.v%' ORDER BY idx
"""


class Version(NamedTuple):
    """One version of the regulations or of the register."""

    kind: TextKind
    code: str
    version: str

    @property
    def subject(self) -> str:
        """Where the hub records its text; approvers do so beneath, each in their own name."""
        return subjects.REGISTER if self.kind is TextKind.REGISTER else subjects.regulation(self.code)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the ledger holds it, whole."""

    version: Version
    sha256: str
    content: bytes
    entries: tuple[Entry, ...]
    """Its parts, in order."""


@dataclass(frozen=True, slots=True)
class References:
    """The texts behind some decisions, and the versions whose text the ledger does not hold whole."""

    texts: tuple[Text, ...] = ()
    missing: tuple[Version, ...] = ()


@dataclass(slots=True)
class _Parts:
    parts: int
    found: dict[int, tuple[Entry, bytes]] = field(default_factory=dict)


def versions_of(entries: Iterable[Entry]) -> tuple[Version, ...]:
    """The versions that the decisions in these entries name."""
    named: dict[Version, None] = {}
    for entry in entries:
        try:
            made = from_json(entry.body)["data"]["decision"]
            named[Version(TextKind.REGULATIONS, str(made["set"]), str(made["set_version"]))] = None
            named[Version(TextKind.REGISTER, REGISTER_CODE, str(made["register_version"]))] = None
        except (ValueError, KeyError, TypeError):
            continue  # no decision in it
    return tuple(named)


async def references(dsn: str, versions: Sequence[Version]) -> References:
    """The texts of these versions; both, should one have two: the verifier says so. Raises `LedgerUnavailableError`."""
    if not versions:
        return References()
    gathered: dict[tuple[Version, str], _Parts] = {}
    async with snapshot(dsn) as connection:
        wanted = sorted({version.subject for version in versions})
        cursor = await connection.cursor(_RECORDED, wanted, [f"{subject}.%" for subject in wanted])
        while rows := await cursor.fetch(CHUNK):
            for row in rows:
                _gather(gathered, versions, Entry(**dict(row)))
    texts = tuple(text for (version, digest), parts in gathered.items() if (text := _whole(version, digest, parts)))
    held = {text.version for text in texts}
    return References(texts, tuple(version for version in versions if version not in held))


def in_order(entries: Iterable[Entry], found: References) -> list[Entry]:
    """These entries and those that carry the texts, by `idx`, each once."""
    parts = (entry for text in found.texts for entry in text.entries)
    return [entry for _, entry in sorted({entry.idx: entry for entry in (*entries, *parts)}.items())]


def _gather(gathered: dict[tuple[Version, str], _Parts], versions: Sequence[Version], entry: Entry) -> None:
    data = event.data if (event := event_of(entry)) else None
    if isinstance(data, ReferenceRecorded) and (version := Version(data.kind, data.code, data.version)) in versions:
        parts = gathered.setdefault((version, data.sha256), _Parts(data.parts))
        parts.found.setdefault(data.part, (entry, data.content))


def _whole(version: Version, digest: str, parts: _Parts) -> Text | None:
    """The text, if every part is there and they are what the digest says."""
    found = [parts.found.get(part) for part in range(1, parts.parts + 1)]
    held = [part for part in found if part is not None]
    content = b"".join(content for _, content in held)
    if len(held) < len(found) or sha256_hex(content) != digest:
        return None
    return Text(version, digest, content, tuple(entry for entry, _ in held))

"""How far the ledger reaches, and which checkpoint and witnesses vouch for how much of it; looked at now and then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from contracts import subjects
from contracts.streams import CHECKPOINTS
from services.audit.failures import LedgerUnavailableError
from services.audit.notary.anchor_folder import UnusableFileError, kept, rotations
from services.audit.notary.checkpointing import Signed, snapshot
from services.audit.notary.covering import Vouched, best, vouched
from services.audit.notary.key_files import trusted_keys
from services.audit.settings import AuditSettings
from services.audit.tlog.anchors import Anchor
from services.audit.tlog.keybook import key_book
from services.audit.tlog.notes import MalformedNoteError, Note
from services.runtime.broker import NotConnectedError
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError, last_on_subject
from services.runtime.logs import logger

LOOK_SECONDS: Final = 5.0
_HEAD: Final = "SELECT size, root, recorded_at FROM audit.position ORDER BY size DESC LIMIT 1"
_AT: Final = "SELECT root, recorded_at FROM audit.position WHERE size = $1"


@dataclass(frozen=True, slots=True)
class Covered:
    """The best checkpoint that is kept."""

    size: int
    at: datetime | None
    """When the ledger was so large, by its own clock; None where it says nothing of that size."""
    agrees: bool
    """The ledger says that it had this root then. That it still has, only a verification shows."""
    witnesses: tuple[str, ...]
    settled: bool


@dataclass(frozen=True, slots=True)
class Seal:
    """The ledger at one look."""

    entries: int
    root: str
    recorded_at: datetime | None
    covered: Covered | None
    wanted: int
    """How many witnesses the policy demands."""


@dataclass(slots=True)
class Sealed:
    """The newest look; None before the first, and while the ledger cannot be read."""

    settings: AuditSettings
    client: Callable[[], Client]
    seal: Seal | None = field(default=None)

    async def watch(self, goes_on: Callable[[], bool]) -> None:
        """Looks until the service stops."""
        while goes_on():
            try:
                self.seal = await self._look()
            except (LedgerUnavailableError, UnusableFileError) as error:
                self.seal = None
                logger().warning("ledger_not_seen", reason=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> Seal:
        policy = self.settings.policy()
        chosen = best([each for anchor in await self._anchors() if (each := self._vouched(anchor))])
        async with snapshot(self.settings.dsn()) as connection:
            head = await connection.fetchrow(_HEAD)
            row = await connection.fetchrow(_AT, chosen.signed.checkpoint.size) if chosen else None
        covered = None
        if chosen is not None:
            checkpoint = chosen.signed.checkpoint
            agrees, at = (row["root"] == checkpoint.root, row["recorded_at"]) if row else (False, None)
            covered = Covered(checkpoint.size, at, agrees, chosen.witnesses, chosen.settled)
        if head is None:
            return Seal(0, "", None, covered, policy.quorum.enough)
        return Seal(head["size"], head["root"].hex(), head["recorded_at"], covered, policy.quorum.enough)

    async def _anchors(self) -> list[Anchor]:
        """The largest of the folder and the newest of the bucket: reading all of them is for verification."""
        found: list[Anchor] = []
        if (largest := _largest(self.settings.checkpoints)) is not None:
            found += kept(largest)
        try:
            key = subjects.kept_checkpoint(self.settings.ledger_origin)
            stored = await last_on_subject(self.client(), CHECKPOINTS.name, key)
            found += [Anchor("nats:CHECKPOINTS", Note.parse(stored.body))] if stored else []
        except (BusUnavailableError, JetStreamRefusedError, NotConnectedError, MalformedNoteError) as error:
            logger().warning("checkpoints_not_seen", reason=str(error))
        return found

    def _vouched(self, anchor: Anchor) -> Vouched | None:
        checkpoint, note = anchor.checkpoint, anchor.note
        if checkpoint is None or note is None or checkpoint.origin != self.settings.ledger_origin:
            return None
        book = key_book(trusted_keys(self.settings.ledger_trust), rotations(self.settings.checkpoints))
        signed = Signed(checkpoint, note, Path(anchor.name))
        return vouched(signed, book.terms, self.settings.policy().quorum)


def _largest(folder: Path) -> Path | None:
    if not folder.is_dir():
        return None
    sizes = (path for path in folder.iterdir() if path.name.isascii() and path.name.isdigit())
    return max(sizes, key=lambda path: int(path.name), default=None)

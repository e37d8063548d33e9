"""Chooses the checkpoint that evidence is given under: a settled one before a newer one. It signs nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.audit.notary.checkpointing import Signed, compared, snapshot
from services.audit.notary.gathering import Gathered
from services.audit.tlog.anchors import Anchor, Comparison, Trust
from services.audit.tlog.cosigning import Quorum, Settled, settle
from services.audit.tlog.notes import Note, Verified, VerifierKey, verify


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint, and whose signatures under it are to be looked at."""

    signed: Signed
    keys: tuple[VerifierKey, ...]
    """The log's keys that signed it."""
    quorum: Quorum
    """The witnesses of the policy; none are demanded where too few have cosigned."""
    witnesses: tuple[str, ...] = ()
    """Who has cosigned."""
    settled: bool = False
    """Whether enough have, and at least one is demanded."""


def vouched(signed: Signed, keys: Iterable[VerifierKey], quorum: Quorum) -> Vouched | None:
    """The checkpoint with what its signatures amount to; None where no key of the log signed, or a line is forged."""
    if not isinstance(by_log := verify(signed.note, keys), Verified):
        return None
    verdict = settle(signed.note, quorum)
    if not isinstance(verdict, Settled):
        names = tuple(getattr(verdict, "by", ()))
        return Vouched(signed, tuple(by_log.by), Quorum(quorum.witnesses, 0), names)
    return Vouched(signed, tuple(by_log.by), quorum, tuple(verdict.by), settled=quorum.enough > 0)


def best(choices: Iterable[Vouched]) -> Vouched | None:
    """The newest of those that are settled; the newest of all where none is."""
    return max(choices, key=lambda each: (each.settled, each.signed.checkpoint.size), default=None)


async def comparison(dsn: str, gathered: Gathered) -> Comparison:
    """Everything kept, held against the ledger. Raises `LedgerUnavailableError`."""
    async with snapshot(dsn) as connection:
        return await compared(connection, gathered.anchors, gathered.trust)


def covering(gathered: Gathered, found: Comparison, size: int) -> tuple[Vouched, ...]:
    """The kept checkpoints over at least so many entries that the ledger contains and a trusted key signed."""
    sound = {each.name for each in found.compared if not each.flaw}
    anchors = (anchor for anchor in gathered.anchors if anchor.name in sound)
    made = (_of(anchor, gathered.trust, gathered.policy.quorum, size) for anchor in anchors)
    return tuple(each for each in made if each)


def _of(anchor: Anchor, trust: Trust, quorum: Quorum, size: int) -> Vouched | None:
    checkpoint = anchor.checkpoint
    note: Note | None = anchor.note
    if checkpoint is None or note is None or checkpoint.size < size:
        return None
    return vouched(Signed(checkpoint, note, Path(anchor.name)), trust.keys, quorum)

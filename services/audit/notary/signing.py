"""Makes checkpoints: signs what extends what it signed, keeps it outside the database, has witnesses cosign it, shouts.

It reads the ledger as a reader and holds the key; the writer holds neither the key nor this process. What a crash
loses: nothing. A checkpoint is in the folder before anybody is shown it; the bucket and the witnesses get it again.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from services.audit.notary.alarms import Alarm, shout
from services.audit.notary.anchor_bucket import Bucket, BucketContradictsError
from services.audit.notary.anchor_folder import keep, locked
from services.audit.notary.asking import asker, cosignatures, cosigned_by
from services.audit.notary.checkpointing import NotSigned, Signed, advance, prove_consistency, sign
from services.audit.notary.key_files import LogKeys
from services.audit.recomputing.checking import Finding
from services.audit.tlog.anchors import NOTHING_KEPT, Anchor, Compared
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Contradicted, Outcome, Settled, Shrunk, Unsettled, settle
from services.audit.tlog.notes import Forged, Note
from services.audit.tlog.policies import Policy
from services.runtime.jetstream import BusUnavailableError
from services.runtime.logs import logger
from services.runtime.telemetry import CHECKPOINTS

UNASKED: Final[Mapping[str, Outcome]] = {}


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed checkpoint, and what became of it outside."""

    signed: Signed
    note: Note
    """With every cosignature so far."""
    in_bucket: bool
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    """Witness → what it made of the checkpoint."""
    verdict: Settled | Unsettled | Forged = field(default_factory=lambda: Settled({}))

    @property
    def refused(self) -> dict[str, Outcome]:
        """The witnesses that have cosigned another history, or a longer one."""
        return {name: found for name, found in self.outcomes.items() if isinstance(found, Contradicted | Shrunk)}


@dataclass(slots=True)
class Notary:
    """Whoever makes the checkpoints of one ledger. Several may run: the folder's lock puts them in a row."""

    dsn: str
    keys: LogKeys
    policy: Policy
    alarms: Path
    bus: Callable[[], Client | None]
    """The connection to NATS, where there is one now."""
    _standing: dict[str, int] = field(default_factory=dict)
    """Witness → the size it has cosigned, as far as known: saves asking twice."""

    async def checkpoint(self) -> Kept | NotSigned:
        """Compare everything that is kept, in the folder and the bucket, with the ledger, and sign its present head.

        Raises `LedgerUnavailableError`, `UnusableFileError`.
        """
        elsewhere = await self._in_bucket()
        async with locked(self.keys.folder):
            return await self._kept(await sign(self.dsn, self.keys, elsewhere))

    async def advance(self, last: Checkpoint) -> Kept | NotSigned | None:
        """Sign the present head if it extends the last checkpoint; None where nothing came. Raises as `checkpoint`."""
        async with locked(self.keys.folder):
            result = await advance(self.dsn, self.keys, last)
            return await self._kept(result) if result else None

    async def settle(self, kept: Kept) -> Kept:
        """Ask every witness that has not cosigned yet, and keep what they added, in the folder and the bucket too."""
        waiting = {name: keys for name, keys in self.policy.quorum.witnesses.items() if name in self.policy.addresses}
        verdict = settle(kept.note, self.policy.quorum)
        done = verdict.by if not isinstance(verdict, Forged) else {}
        names = [name for name in waiting if name not in done]
        found = await asyncio.gather(*(self._ask(name, kept.note) for name in names))
        outcomes = dict(kept.outcomes) | dict(zip(names, found, strict=True))
        note = cosigned_by(kept.note, found)
        in_bucket = kept.in_bucket
        if note != kept.note:
            async with locked(self.keys.folder):
                _, note = keep(self.keys.folder, note)
                in_bucket = await self._to_bucket(note)
        settled = Kept(kept.signed, note, in_bucket, outcomes, settle(note, self.policy.quorum))
        self._tell(settled, names)
        return settled

    async def _kept(self, result: Signed | NotSigned) -> Kept | NotSigned:
        if isinstance(result, NotSigned):
            CHECKPOINTS.labels("not_signed").inc()
            shout(self.alarms, Alarm.NOT_SIGNED, f"size {result.size}", dict(map(_told, _problems(result))))
            return result
        CHECKPOINTS.labels("signed").inc()
        verdict = settle(result.note, self.policy.quorum)
        return Kept(result, result.note, await self._to_bucket(result.note), UNASKED, verdict)

    async def _ask(self, name: str, note: Note) -> Outcome:
        size = Checkpoint.of(note).size
        ask = asker(self.policy.addresses[name], self.bus())
        prove = partial(prove_consistency, self.dsn, new=size)
        standing = self._standing.get(name, 0)
        outcome = await cosignatures(ask, note, self.policy.quorum.witnesses[name], prove, standing)
        self._standing[name] = size
        return outcome

    def _tell(self, settled: Kept, names: list[str]) -> None:
        for name in names:
            outcome, evidence = settled.outcomes[name], {"offered": settled.note.to_bytes().decode()}
            match outcome:
                case Contradicted(saying):
                    shout(self.alarms, Alarm.WITNESS_CONTRADICTS, f"{name}: {saying}", evidence)
                case Shrunk(size):
                    shout(self.alarms, Alarm.WITNESS_AHEAD, f"{name}: {size}", evidence)
                case _:
                    logger().info("witness_answered", witness=name, outcome=type(outcome).__name__)

    async def _in_bucket(self) -> tuple[Anchor, ...]:
        if (client := self.bus()) is None:
            return NOTHING_KEPT
        try:
            return await Bucket(client).history(self.keys.origin)
        except BusUnavailableError as error:
            logger().warning("bucket_unavailable", reason=str(error))
            return NOTHING_KEPT

    async def _to_bucket(self, note: Note) -> bool:
        if (client := self.bus()) is None:
            return False
        try:
            await Bucket(client).keep(note)
        except BusUnavailableError as error:
            logger().warning("bucket_unavailable", reason=str(error))
            return False
        except BucketContradictsError as error:
            evidence = {"kept": error.kept.to_bytes().decode(), "offered": note.to_bytes().decode()}
            shout(self.alarms, Alarm.BUCKET_CONTRADICTS, self.keys.origin, evidence)
            return False
        return True


def _problems(result: NotSigned) -> list[Finding | Compared]:
    return [*result.findings, *result.contradictions]


def _told(problem: Finding | Compared) -> tuple[str, str]:
    match problem:
        case Finding(flaw, first, last):
            return flaw.value, f"{first}-{last}"
        case Compared(name, size, root, flaw, rows):
            return f"{flaw} {name}", f"size {size} root {root.hex()} rows {rows}"

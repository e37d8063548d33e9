"""Gathers what is kept outside the database, from wherever it is kept, to be held against the ledger.

A place that does not answer is named, never taken for one that holds nothing.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nats.aio.client import Client

from contracts.identity import AUDITOR, Identity
from services.audit.notary.anchor_bucket import Bucket
from services.audit.notary.anchor_folder import UnusableFileError, handed_in, kept, rotations
from services.audit.notary.asking import WitnessUnreachableError, newest_seen
from services.audit.notary.key_files import trusted_keys
from services.audit.settings import AuditSettings
from services.audit.tlog.anchors import NOTHING_KEPT, Anchor, Compared, Trust
from services.audit.tlog.cosigning import Settled, settle
from services.audit.tlog.keybook import key_book
from services.audit.tlog.policies import Policy
from services.runtime.addresses import bus_creds
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.sending import connection

UNREACHABLE: Final = "unreachable"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything kept that could be had."""

    anchors: tuple[Anchor, ...]
    trust: Trust
    policy: Policy
    places: Mapping[str, int | str]
    """Where was looked: how many checkpoints were there, or that it did not answer."""

    def settled_size(self, compared: Iterable[Compared]) -> int | None:
        """Up to which size enough witnesses vouch for what the ledger contains; None where none are demanded."""
        if not self.policy.quorum.enough:
            return None
        sound = {each.name for each in compared if not each.flaw}
        sizes = (
            found.size
            for anchor in self.anchors
            if anchor.name in sound and (found := anchor.checkpoint) and anchor.note
            if isinstance(settle(anchor.note, self.policy.quorum), Settled)
        )
        return max(sizes, default=0)


async def gather(
    settings: AuditSettings, since: Path | None, trust: Path | None, handed: Sequence[tuple[str, str]]
) -> Gathered:
    """What the folder, people, the bucket and the witnesses hold; `handed` is text with the name it goes by.

    Raises `UnusableFileError` for what was named and cannot be used.
    """
    keys = trusted_keys(trust or settings.ledger_trust)
    if trust is not None and not keys:
        raise UnusableFileError(f"{trust}: no key")
    folder = since or (settings.checkpoints if settings.checkpoints.exists() else None)
    beside = folder if folder and folder.is_dir() else settings.checkpoints
    book, policy = key_book(keys, rotations(beside)), settings.policy()
    in_folder = kept(folder) if folder else NOTHING_KEPT
    brought = tuple(anchor for text, name in handed for anchor in handed_in(text, name))
    places: dict[str, int | str] = {str(folder or settings.checkpoints): len(in_folder)}
    places |= {"handed in": len(brought)} if handed else {}
    async with bus(settings) as client:
        remote = (*await _bucket(settings, client, places), *await _witnesses(settings, policy, client, places))
    anchors = (*in_folder, *brought, *remote)
    return Gathered(anchors, Trust.by(settings.ledger_origin, book, policy.quorum.keys), policy, places)


@asynccontextmanager
async def bus(settings: AuditSettings, who: Identity = AUDITOR) -> AsyncIterator[Client | None]:
    """The connection to NATS; None where nobody said where it is, or it does not answer."""
    async with AsyncExitStack() as opened:
        client = None
        if url := settings.bus_url():
            with suppress(BusUnavailableError):
                client = await opened.enter_async_context(connection(url, bus_creds(settings, who)))
        yield client


async def _bucket(settings: AuditSettings, client: Client | None, places: dict[str, int | str]) -> tuple[Anchor, ...]:
    if settings.bus_url() is None:
        return NOTHING_KEPT
    try:
        found = await Bucket(client).history(settings.ledger_origin) if client else None
    except (BusUnavailableError, JetStreamRefusedError):
        found = None
    places["nats:CHECKPOINTS"] = UNREACHABLE if found is None else len(found)
    return found or NOTHING_KEPT


async def _witnesses(
    settings: AuditSettings, policy: Policy, client: Client | None, places: dict[str, int | str]
) -> tuple[Anchor, ...]:
    anchors = []
    for name, address in policy.addresses.items():
        try:
            note = await newest_seen(address, settings.ledger_origin, client)
        except WitnessUnreachableError:
            places[f"witness {name}"] = UNREACHABLE
            continue
        places[f"witness {name}"] = 1 if note else 0
        anchors += [Anchor(f"witness {name}", note)] if note else []
    return tuple(anchors)

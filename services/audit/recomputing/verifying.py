"""Verifies the ledger against everything kept outside it, also where nothing of the ledger is left to read."""

from dataclasses import dataclass
from typing import Final

import asyncpg

from services.audit.failures import LedgerNotReadyError
from services.audit.notary.gathering import Gathered
from services.audit.recomputing.verification import Progress, Verification, verify
from services.audit.tlog.anchors import compare
from services.audit.tlog.merkle import EMPTY_ROOT
from services.audit.tlog.proofs import Node

_GONE: Final = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the recomputation found, and how far witnesses vouch for it."""

    found: Verification
    settled: int | None
    """The entries enough witnesses vouch for; None where the policy demands no witnesses."""

    @property
    def unsettled(self) -> bool:
        """Witnesses are demanded, and enough of them vouch for nothing of what is here."""
        return self.settled == 0 and self.found.entries > 0

    @property
    def verified(self) -> bool:
        """Nothing was found."""
        return self.found.verified and not self.unsettled


async def verify_against(dsn: str, gathered: Gathered, progress: Progress | None = None) -> Verdict:
    """Recompute everything and hold what was gathered against it. Raises `LedgerUnavailableError`.

    Tables that are gone are no ledger, unless there are checkpoints to say that there was one.
    """
    try:
        found = await verify(dsn, progress, gathered.anchors, gathered.trust)
    except LedgerNotReadyError as error:
        if not gathered.anchors or not isinstance(error.__cause__, _GONE):
            raise
        compared = compare(gathered.anchors, 0, _no_node, gathered.trust).compared
        found = Verification(0, EMPTY_ROOT.hex(), (), 0, 0, kept=compared)
    return Verdict(found, gathered.settled_size(found.kept))


def _no_node(node: Node) -> bytes:
    raise KeyError(node)

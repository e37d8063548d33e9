"""The superuser drill: ten attacks on copies of an honest ledger, and what the real verification finds of each."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from services.audit.drill.cases import Case, Rows, attack, template_of
from services.audit.drill.ledger import (
    Batch,
    Prepared,
    batches_of,
    drop_database,
    generated,
    make_database,
    prepare,
    size_of,
    throw_away_server,
)
from services.audit.notary.anchor_folder import kept
from services.audit.notary.checkpointing import sign
from services.audit.recomputing.checking import Finding
from services.audit.recomputing.verification import Verification, verify
from services.audit.tlog.anchors import Anchor, Compared
from services.runtime.clock import monotonic

DEFAULT_ENTRIES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attack, and what was found of it."""

    case: Case
    attacked: Rows
    found: tuple[Finding | Compared, ...]
    """Everything the verification found, the narrowest that names the attacked rows first."""
    detected: bool
    """The rows attacked are named."""
    seconds: float
    """The verification alone."""
    passes_alone: bool = False
    """The ledger verifies against what the attacker left: only what is kept elsewhere finds him."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """The whole drill."""

    entries: int
    honest: bool
    """The ledger nobody touched passes, with everything that is kept of it."""
    honest_seconds: float
    outcomes: tuple[Outcome, ...]

    @property
    def detected(self) -> bool:
        """The honest ledger passes and every attack is found."""
        return self.honest and len(self.outcomes) == len(Case) and all(each.detected for each in self.outcomes)


async def drill(entries: int, source: str | None, observe: Callable[[str], None]) -> Drilled:
    """Do all of it on a server that is gone afterwards; `source` is the DSN of a ledger to copy, which is only read.

    Raises `LedgerUnavailableError`, `ServerUnavailableError`.
    """
    entries = await size_of(source) if source else entries
    batches: AsyncGenerator[Batch, None] = batches_of(source) if source else generated(entries)
    async with throw_away_server() as (server, folder), aclosing(batches):
        observe("prepare")
        prepared = await prepare(server, folder, batches, entries)
        observe("honest")
        started = monotonic()
        honest = await verify(prepared.dsn, None, (*prepared.anchors, *prepared.cosigned), prepared.trust)
        seconds = monotonic() - started
        outcomes = []
        for case in Case:
            observe(case.value)
            outcomes.append(await _outcome(case, prepared))
        return Drilled(honest.entries, honest.verified, seconds, tuple(outcomes))


async def _outcome(case: Case, prepared: Prepared) -> Outcome:
    name = f"drill_{case.value}"
    dsn = prepared.server.dsn_of(name)
    await make_database(prepared.server, name, template_of(case))
    try:
        attacked = await attack(case, dsn, prepared.entries)
        left = await _what_is_left(case, prepared, dsn, attacked)
        alone = case is Case.STEAL_KEY and (await verify(dsn, None, left, prepared.trust)).verified
        started = monotonic()
        found = await verify(dsn, None, (*left, *prepared.cosigned), prepared.trust)
        seconds = monotonic() - started
    finally:
        await drop_database(prepared.server, name)
    outcome = Outcome(case, attacked, _all_of(found, attacked), _names(found, attacked), seconds, alone)
    return replace(outcome, detected=outcome.detected and (alone or case is not Case.STEAL_KEY))


async def _what_is_left(case: Case, prepared: Prepared, dsn: str, attacked: Rows) -> tuple[Anchor, ...]:
    """The log's own checkpoints; a thief of its key has replaced those that contradict him by ones he signed."""
    if case is not Case.STEAL_KEY:
        return prepared.anchors
    honest = [anchor for anchor in prepared.anchors if (c := anchor.checkpoint) and c.size <= attacked.first]
    forged = replace(prepared.keys, folder=prepared.folder / "forged")
    await sign(dsn, forged)
    return (*honest, *kept(forged.folder))


def _all_of(found: Verification, attacked: Rows) -> tuple[Finding | Compared, ...]:
    everything: list[Finding | Compared] = [*found.findings, *(each for each in found.kept if each.flaw)]
    return tuple(sorted(everything, key=lambda one: _order(one, attacked)))


def _order(found: Finding | Compared, attacked: Rows) -> tuple[bool, bool, bool, int]:
    """What names all attacked rows comes first, then what the recomputation itself found, then the narrowest."""
    named = all(_covers(found, idx) for idx in attacked)
    return not named, not _covers(found, attacked.first), isinstance(found, Compared), _width(found)


def _names(found: Verification, attacked: Rows) -> bool:
    everything = _all_of(found, attacked)
    return all(any(_covers(one, idx) for one in everything) for idx in attacked)


def rows_of(found: Finding | Compared) -> Rows | None:
    """The entries a finding names, if any."""
    match found:
        case Finding(_, first, last):
            return Rows(first, last)
        case Compared(rows=rows):
            return Rows(*rows) if rows else None


def _covers(found: Finding | Compared, idx: int) -> bool:
    rows = rows_of(found)
    return rows is not None and rows.first <= idx <= rows.last


def _width(found: Finding | Compared) -> int:
    rows = rows_of(found)
    return rows.last - rows.first if rows else 0

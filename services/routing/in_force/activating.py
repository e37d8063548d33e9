"""Takes the steps that put a set in force: reads the record, proves the set, and records the step or its refusal.

The proof runs before anything is recorded, at both approvers; whatever changed on record meanwhile is looked at again.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from nats.aio.client import Client

from contracts.activation import ActivationData, Approver, CasesHeld, RegulationActivationRefused, TextKind
from contracts.canonical import sha256_hex
from contracts.identifiers import new_id
from contracts.taxonomy import Category
from services.routing.commands.regulation_files import load_cases, load_rules
from services.routing.deciding import Regulator
from services.routing.in_force.recorded import Record
from services.routing.in_force.standing import standing
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.findings import Finding
from services.routing.regulations.proof.proving import prove
from services.routing.regulations.record.activation import Book, Proposal
from services.routing.regulations.record.steps import Attempt, Proof, approve, cancel, propose
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.rules.texts import TextKey, set_in, text_of_set
from services.routing.regulations.telling.cases import decided, mismatches
from services.runtime import clock
from services.runtime.publishing import Publisher, Stale

Prove = Callable[[RegulationSet, RegisterIndex], Iterable[Finding]]
Steps = tuple[ActivationData, ...]
Decide = Callable[[Book, Attempt], Steps | RegulationActivationRefused]


class UnknownProposalError(LookupError):
    """No proposal on record begins with what was given, or several do; the message is what was given."""


class Lines(NamedTuple):
    """Two connections: approvers read nothing by their own key, and record with no other."""

    reader: Client
    writer: Client


@dataclass(frozen=True, slots=True)
class Asked:
    """Who takes a step, with which cases file, and how the proof is run (with a bar, for people)."""

    by: Approver
    cases: Path
    prove: Prove = lambda regulation_set, register: prove(regulation_set, register, Category)


async def propose_set(
    lines: Lines, folder: Path, effective: datetime | None, asked: Asked
) -> Steps | RegulationActivationRefused:
    """Proposes the set in a folder. Raises `documents.DocumentError`, `standing.NothingStandsError`."""
    record, register = await _ground(lines.reader)
    regulation_set = load_rules(folder, register.register)
    proof = await asyncio.to_thread(_proof, regulation_set, register, asked)
    text, proposal = text_of_set(regulation_set), new_id()
    return await _record(
        lines,
        (record, register, asked.by),
        lambda book, attempt: propose(book, text, proof, attempt, (proposal, effective and effective.astimezone(UTC))),
    )


async def approve_proposal(
    lines: Lines, named: str, own: Path | None, asked: Asked
) -> Steps | RegulationActivationRefused:
    """Agrees to a proposal, after proving the recorded text; an own copy of the set must say the same.

    Raises `UnknownProposalError`, `documents.DocumentError`, `standing.NothingStandsError`, `texts.BrokenTextError`.
    """
    record, register = await _ground(lines.reader)
    proposed = proposal_named(record.book, named).proposed
    text = await record.text(lines.reader, TextKey(TextKind.REGULATIONS, proposed.set, proposed.version))
    sha256 = text.sha256 if own is None else text_of_set(load_rules(own, register.register)).sha256
    proof = await asyncio.to_thread(_proof, set_in(text), register, asked)
    return await _record(
        lines,
        (record, register, asked.by),
        lambda book, attempt: approve(book, book.proposals[proposed.proposal], proof, attempt, sha256),
    )


async def cancel_proposal(
    lines: Lines, named: str, by: Approver, reason: str | None
) -> Steps | RegulationActivationRefused:
    """Withdraws a proposal, or an activation that has not taken effect. Raises `UnknownProposalError`."""
    record, register = await _ground(lines.reader)
    proposal = proposal_named(record.book, named).proposed.proposal
    return await _record(
        lines,
        (record, register, by),
        lambda book, attempt: cancel(book, book.proposals[proposal], attempt, reason),
    )


def proposal_named(book: Book, named: str) -> Proposal:
    """The proposal whose id begins like this. Raises `UnknownProposalError`."""
    found = [proposal for key, proposal in book.proposals.items() if str(key).startswith(named.lower())]
    if not named or len(found) != 1:
        raise UnknownProposalError(named)
    return found[0]


async def _ground(client: Client) -> tuple[Record, RegisterIndex]:
    """What is on record, and the register that decides now: a set is proved against what it will meet."""
    record = Record()
    await record.catch_up(client)
    return record, (await standing(client, record, clock.now())).register


def _proof(regulation_set: RegulationSet, register: RegisterIndex, asked: Asked) -> Proof:
    file = load_cases(asked.cases)
    regulator = Regulator(RuleIndex(regulation_set), register)
    failed = [
        f"{case.name}: {found[0].expectation} {found[0].expected} ≠ {found[0].actual}"
        for case in file.cases
        if (found := tuple(mismatches(case.expect, decided(case, file, regulator))))
    ]
    faults = [f"{f.kind.value}: {f.words.en}" for f in asked.prove(regulation_set, register) if f.fault]
    held = CasesHeld(cases=len(file.cases), sha256=sha256_hex(asked.cases.read_bytes()))
    return Proof(register.version, held, tuple(faults), tuple(failed))


async def _record(
    lines: Lines, ground: tuple[Record, RegisterIndex, Approver], decide: Decide
) -> Steps | RegulationActivationRefused:
    """Decides on what is on record now, and again for as long as somebody else is first; a refusal is recorded too."""
    record, register, by = ground
    publisher = Publisher(lines.writer)
    while True:
        now = clock.now()
        agencies = register.on(now.date()).agencies
        outcome = decide(record.book, Attempt(by, now, agencies))
        steps = (outcome,) if isinstance(outcome, RegulationActivationRefused) else outcome
        if not isinstance(await record.add(publisher, steps, now, by), Stale):
            return outcome
        await record.catch_up(lines.reader)

"""Finds the report or case that somebody asks about, and decides it as of a time. It prints nothing."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Final

from contracts.reports import IncidentReport, SituationReport
from services.routing.commands.regulation_files import Regulations, load_cases, read_report
from services.routing.regulations.telling.cases import Case, CaseFile, facts_of_case
from services.routing.regulations.telling.explaining import Explanation, explain

_YAML: Final = (".yaml", ".yml")


class UnknownCaseError(LookupError):
    """Neither a file nor a case of that name; the message is the name."""


class NoReporterError(ValueError):
    """The report does not say which agency sent it, and nobody else said so."""


def explained(
    name: str, case: str | None, regulations: Regulations, reporter: str | None, at: datetime | None
) -> Explanation:
    """Why a report goes where; `name` is a file, `-` for standard input, a cases file, or a case of the reference."""
    if name == "-":
        return explain_report(read_report(sys.stdin.read()), regulations, reporter, at)
    path = Path(name)
    if path.suffix in _YAML and path.exists():
        file = load_cases(path)
        return _of_case(_named(file, case or file.cases[0].name), file, regulations, at)
    if path.is_file():
        return explain_report(read_report(path.read_text(encoding="utf-8")), regulations, reporter, at)
    file = load_cases(None)
    return _of_case(_named(file, case or name), file, regulations, at)


def _named(file: CaseFile, name: str) -> Case:
    found = next((case for case in file.cases if case.name == name), None)
    if found is None:
        raise UnknownCaseError(name)
    return found


def _of_case(case: Case, file: CaseFile, regulations: Regulations, at: datetime | None) -> Explanation:
    regulator = regulations.regulator
    facts, usual = facts_of_case(case, file, regulator)
    moment = at or usual
    decision = regulator.decide(facts, moment)
    return explain(decision, regulations.regulation_set, regulations.register, moment)


def explain_report(
    report: IncidentReport | SituationReport, regulations: Regulations, reporter: str | None, at: datetime | None
) -> Explanation:
    """Decided when it was sent unless another time is asked about; a report is never decided before it was sent."""
    agency = reporter or (report.sender.agency if report.sender else None)
    if agency is None:
        raise NoReporterError
    received = max(report.sent, report.observed_at)
    regulator = regulations.regulator
    moment = at or received
    facts = regulator.facts(report, agency, received)
    return explain(regulator.decide(facts, moment), regulations.regulation_set, regulations.register, moment)

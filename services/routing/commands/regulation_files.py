"""Finds and reads what the regulation commands work on: sets, registers, cases files, reports. It judges nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import TypeAdapter, ValidationError

from contracts.register import Register
from contracts.reports import IncidentReport, Report, SituationReport
from services.routing.deciding import Regulator
from services.routing.in_force.boundaries import boundaries_in
from services.routing.regulations.engine.match import RuleIndex
from services.routing.regulations.engine.resolve import RegisterIndex
from services.routing.regulations.proof.crosscheck import Crosscheck
from services.routing.regulations.rules.model import RegulationSet
from services.routing.regulations.telling.cases import CaseFile, repeated_names
from services.routing.settings import RoutingSettings
from services.runtime import documents
from services.runtime.register import loading as registers
from services.runtime.settings import RuntimeSettings

_REPORT: Final[TypeAdapter[IncidentReport | SituationReport]] = TypeAdapter(Report)
_SAVED: Final = (
    "# Counter-examples of `phoihop regulations check`: each case fails until the set is corrected.\n"
    "# Try: phoihop regulations test FILE   phoihop regulations explain FILE --case NAME\n"
)


Source = Literal["given", "active", "reference"]
"""Where a set came from: named by the user, in force in the hub, or the reference folder."""


class UnreadableReportError(ValueError):
    """The report is not valid JSON of ours; the message says where and why."""


@dataclass(frozen=True)
class Regulations:
    """A set with the register it is held against."""

    regulation_set: RegulationSet
    register: RegisterIndex
    faults: tuple[documents.Finding, ...] = ()
    """What the loader refuses; still worth proving, so that a fault gets its counter-example."""
    source: Source = "given"

    @cached_property
    def regulator(self) -> Regulator:
        """Decides by this set and register."""
        boundaries = boundaries_in(RoutingSettings().boundaries, self.register.register)
        return Regulator(RuleIndex(self.regulation_set), self.register, boundaries=boundaries)


def reference_folder() -> Path:
    """The folder of the reference set."""
    return RuntimeSettings().reference


def load(path: Path | None, register: Path | None = None) -> Regulations:
    """The set at a path, which may be a reference folder, a folder of rules or one file; raises `DocumentError`."""
    found = examine(path, register)
    if found.faults:
        raise documents.DocumentError(found.faults)
    return found


def examine(path: Path | None, register: Path | None = None) -> Regulations:
    """The same, keeping faults that leave something to prove. Raises `DocumentError` where nothing can be read."""
    rules, known = _places(path, register)
    who, register_faults = registers.examine_register(known)
    regulation_set, set_faults = _examined(rules, Crosscheck(who))
    source: Source = "reference" if path is None else "given"
    return Regulations(regulation_set, RegisterIndex(who), (*register_faults, *set_faults), source)


def load_rules(path: Path, register: Register) -> RegulationSet:
    """The set at a path, held against this register and no other. Raises `DocumentError`."""
    return documents.load(_places(path, None)[0], RegulationSet, Crosscheck(register))


def cases_beside(path: Path) -> Path:
    """The cases file that comes with a set: in its folder or beside it, else the reference cases."""
    near = (path / "cases.yaml", path.parent / "cases.yaml", reference_folder() / "cases.yaml")
    return next((file for file in near if file.exists()), near[-1])


def load_cases(path: Path | None) -> CaseFile:
    """The cases in this file; the reference cases where none is named."""
    return documents.load(path or reference_folder() / "cases.yaml", CaseFile, repeated_names)


def read_report(text: str) -> IncidentReport | SituationReport:
    """A report in our own JSON. Raises `UnreadableReportError`."""
    try:
        return _REPORT.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UnreadableReportError(f"{where or 'document'}: {first['msg']}") from error


def save_cases(file: Path, cases: Iterable[dict[str, Any]], on: str, reporter: str) -> None:
    """A new cases file. Raises `FileExistsError` rather than overwrite."""
    document = {"on": on, "reporter": reporter, "cases": list(cases)}
    with file.open("x", encoding="utf-8") as out:
        out.write(_SAVED)
        yaml.dump(document, out, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: the strict reader of our documents refuses them."""

    def ignore_aliases(self, _data: object) -> bool:
        """Every value is written out."""
        return True


def _places(path: Path | None, register: Path | None) -> tuple[Path, Path]:
    folder = reference_folder()
    given = path or folder
    if (given / "register.yaml").exists() and (given / "regulations").is_dir():
        return given / "regulations", register or given / "register.yaml"
    beside = given.parent / "register.yaml"
    return given, register or (beside if beside.exists() else folder / "register.yaml")


def _examined(path: Path, check: documents.Check[RegulationSet]) -> tuple[RegulationSet, tuple[documents.Finding, ...]]:
    """The set, and what its cross-check refuses."""
    try:
        return documents.load(path, RegulationSet, check), ()
    except documents.DocumentError as error:
        try:
            return documents.load(path, RegulationSet), error.findings
        except documents.DocumentError:
            raise error from None

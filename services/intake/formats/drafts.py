"""What reading a submission yields: drafts of reports, or coded reasons why a part cannot be read. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from contracts.canonical import sha256_hex
from contracts.codes import SourceFormat, Status
from contracts.events import Original
from contracts.problems import Problem, ProblemCode
from contracts.reports import IncidentReport, SituationReport
from contracts.subjects import Origin

MAX_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report that could be read; whether its sender may file it is still open."""

    report: IncidentReport | SituationReport
    original: Original
    claimed_sender: str | None = None
    """Whom the body names as its sender; only our own JSON can be held to it."""
    part: int = 0
    """Position in the submission, from 0."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a submission that is no report, and why. Its bytes are not kept."""

    problems: tuple[Problem, ...]
    original: Original
    claimed_report: UUID | None = None
    status: Status | None = None
    """What it says its status is, where that could be read."""
    part: int = 0


Reading = ReportDraft | Unreadable


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one submission and the sender the server authenticated."""

    body: bytes
    origin: Origin
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", sha256_hex(self.body))

    def original(self, source_format: SourceFormat, *, keep: bool) -> Original:
        """What is recorded of the bytes; `keep` them unless the report repeats them or they were refused."""
        return Original(
            format=source_format, sha256=self.sha256, size=len(self.body), content=self.body if keep else None
        )

    def unreadable(
        self,
        problems: Iterable[Problem],
        source_format: SourceFormat = SourceFormat.UNKNOWN,
        claimed_report: UUID | None = None,
        status: Status | None = None,
    ) -> Unreadable:
        """A part refused for at most twenty of these problems; a secrecy marking silences every other finding."""
        found = tuple(problems)[:MAX_PROBLEMS]
        secret = tuple(problem for problem in found if problem.code is ProblemCode.SECRECY_REFUSED)[:1]
        return Unreadable(secret or found, self.original(source_format, keep=False), claimed_report, status)

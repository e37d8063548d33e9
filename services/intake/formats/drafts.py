"""What reading a submission yields: drafts of reports, or coded reasons why a part cannot be read. Decides nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from contracts.canonical import sha256_hex
from contracts.codes import SourceFormat, Status
from contracts.events import Original
from contracts.personal import Opening
from contracts.problems import Problem, ProblemCode
from contracts.reports import IncidentReport, SituationReport
from contracts.signatures import ReportSignature
from contracts.subjects import Origin
from services.intake.formats.personal_fields import may_name_people

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
    withheld: bytes | None = None
    """The submission's bytes where they hold personal values; nothing of them may be recorded in clear."""
    openings: tuple[Opening, ...] = ()
    """What `sealing` made of the values and the bytes withheld."""
    contents: tuple[str, ...] = ()
    """The content digest to record, then what it would be under earlier salts; none where no salt enters it."""
    refused_as: str | None = None
    """What stands for the bytes in the id of a refusal where their digest may not."""
    signature: ReportSignature | Problem | None = None
    """What the submission was signed with, or why that does not hold."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of a submission that is no report, and why. Its bytes are not kept."""

    problems: tuple[Problem, ...]
    original: Original
    claimed_report: UUID | None = None
    status: Status | None = None
    """What it says its status is, where that could be read."""
    part: int = 0
    withheld: bytes | None = None
    """As in a draft, on the safe side: its bytes may hold personal values."""
    refused_as: str | None = None


Reading = ReportDraft | Unreadable


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one submission and the sender the server authenticated."""

    body: bytes
    origin: Origin
    personal: bool = False
    """Whether the bytes hold personal values."""
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", sha256_hex(self.body))

    @property
    def withheld(self) -> bytes | None:
        """The bytes where they may only be recorded sealed."""
        return self.body if self.personal else None

    def original(self, source_format: SourceFormat, *, keep: bool) -> Original:
        """What is recorded of the bytes; `keep` them unless the report repeats them or they were refused."""
        if self.personal:
            return Original(format=source_format, size=len(self.body))
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
        named = replace(self, personal=self.personal or may_name_people(self.body))
        original = named.original(source_format, keep=False)
        return Unreadable(secret or found, original, claimed_report, status, withheld=named.withheld)

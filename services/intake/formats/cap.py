"""Reads one CAP alert, wherever in a submission it stands: its version, the rules of the standard, then the report."""

from typing import Final
from uuid import UUID

from contracts.codes import SourceFormat, Status
from contracts.problems import Problem, ProblemCode
from services.intake.formats.cap_grammar import CAP_1_1, CAP_1_2
from services.intake.formats.cap_mapping import report_id, to_report
from services.intake.formats.cap_rules import check
from services.intake.formats.drafts import Reading, ReportDraft, Source
from services.intake.formats.safe_xml import Node
from services.intake.formats.xsd_values import moment

VERSIONS: Final = {CAP_1_2: SourceFormat.CAP_1_2, CAP_1_1: SourceFormat.CAP_1_1}
_FAMILIES: Final = ("urn:oasis:names:tc:emergency:cap:", "http://www.incident.com/cap/")


def is_alert(node: Node) -> bool:
    """Whether this is a CAP alert of any version, also one written without its namespace."""
    return node.name == "alert" and (not node.namespace or node.namespace.startswith(_FAMILIES))


def read_alert(source: Source, node: Node, path: str = "alert", wrapper: SourceFormat | None = None) -> Reading:
    """The report of this alert; `wrapper` is the format around it, where there is one."""
    source_format = wrapper or VERSIONS.get(node.namespace, SourceFormat.UNKNOWN)
    status, claimed = status_of(node), report_id_of(source, node)
    if node.namespace not in VERSIONS:
        finding = f"the namespace must be {CAP_1_2}"
        problem = Problem(code=ProblemCode.CAP_VERSION, field=path, detail=finding)
        return source.unreadable((problem,), source_format, claimed, status)
    alert = check(node, path)
    if isinstance(alert, tuple):
        return source.unreadable(alert, source_format, claimed, status)
    report = to_report(alert, source.origin, path)
    if isinstance(report, tuple):
        return source.unreadable(report, source_format, claimed, status)
    original = source.original(source_format, keep=True)
    return ReportDraft(report, original, alert.sender, withheld=source.withheld)


def status_of(node: Node) -> Status | None:
    """The status an alert claims, where it is one."""
    claimed = node.find("status")
    return Status(claimed.text) if claimed and claimed.text in list(Status) else None


def report_id_of(source: Source, node: Node) -> UUID | None:
    """The id the alert would be filed under, where its three parts can be read."""
    sender, identifier, sent = (node.find(name) for name in ("sender", "identifier", "sent"))
    at = moment(sent.text) if sent else None
    if not (sender and identifier and at):
        return None
    return report_id(source.origin, sender.text, identifier.text, at)

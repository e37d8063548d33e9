"""Reads the bytes of a submission in whatever format they are: drafts of reports, or coded reasons why there are none.

The body decides what it is; a media type only helps with the character encoding. Nothing here knows the register.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from contracts.codes import SourceFormat, Status
from contracts.markings import refusal, texts
from contracts.problems import Problem, ProblemCode
from contracts.streams import MAX_MESSAGE
from contracts.subjects import Origin
from services.intake.formats import atom, edxl
from services.intake.formats.cap import is_alert, read_alert, report_id_of, status_of
from services.intake.formats.drafts import Reading, ReportDraft, Source, Unreadable
from services.intake.formats.edxl_json import is_envelope, read_envelope
from services.intake.formats.grammar import placed
from services.intake.formats.json_report import read_report
from services.intake.formats.json_text import UnreadableJsonError, read_json
from services.intake.formats.personal_fields import may_name_people, names_people
from services.intake.formats.safe_xml import Document, Node, UnsafeXmlError, parse

__all__ = ["MAX_PARTS", "ReportDraft", "Unreadable", "read"]

MAX_PARTS: Final = 20
"""Alerts in one submission: each keeps the whole submission as its original."""

_START: Final = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*([^\s\x00])")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w.\-]+)""", re.IGNORECASE | re.ASCII)


def read(body: bytes, origin: Origin, media_type: str | None = None) -> tuple[ReportDraft | Unreadable, ...]:
    """Every report of the submission in its order, readable or not; at least one. No bytes make it raise."""
    source = Source(body, origin)
    return tuple(replace(part, part=index) for index, part in enumerate(_parts(source, media_type)))


def _parts(source: Source, media_type: str | None) -> tuple[Reading, ...]:
    if len(source.body) > MAX_MESSAGE:
        return _refused(source, ProblemCode.PAYLOAD_TOO_LARGE, f"{len(source.body)} bytes, at most {MAX_MESSAGE}")
    if not (start := _START.match(source.body)):
        return _refused(source, ProblemCode.PAYLOAD_EMPTY)
    match start[1]:
        case b"<":
            return _xml(source, media_type)
        case b"{":
            return _json(source)
        case _:
            return _refused(source, ProblemCode.FORMAT_UNKNOWN, "neither a JSON object nor XML")


def _json(source: Source) -> tuple[Reading, ...]:
    try:
        raw = read_json(source.body)
    except UnreadableJsonError as error:
        return (source.unreadable((error.problem,), SourceFormat.JSON),)
    source = replace(source, personal=may_name_people(source.body) and names_people(texts(raw)))
    return read_envelope(source, raw) if is_envelope(raw) else (read_report(source, raw),)


def _xml(source: Source, media_type: str | None) -> tuple[Reading, ...]:
    charset = _CHARSET.search(media_type or "")
    try:
        document = parse(source.body, charset[1] if charset else None)
    except UnsafeXmlError as error:
        return (source.unreadable((error.problem,)),)
    if marking := refusal(_texts(document)):
        return (_classified(source, document.root, marking),)
    personal = may_name_people(source.body) and names_people(_texts(document))
    return _elements(replace(source, personal=personal), document.root)


def _elements(source: Source, root: Node) -> tuple[Reading, ...]:
    if is_alert(root):
        return (read_alert(source, root),)
    if atom.is_atom(root):
        return _each(source, root, SourceFormat.ATOM, list(atom.alerts(root)))
    if (version := edxl.version_of(root)) is None:
        return _refused(source, ProblemCode.FORMAT_UNKNOWN, "this XML is no CAP alert, EDXL-DE envelope or Atom feed")
    if problems := edxl.check(root):
        return (source.unreadable(problems, version, None, edxl.claimed_status(root)),)
    return _each(source, root, version, list(edxl.alerts(root)))


def _each(source: Source, root: Node, wrapper: SourceFormat, found: list[tuple[Node, str]]) -> tuple[Reading, ...]:
    """Every alert of a wrapper by itself: one that is refused holds up none of the others."""
    status = edxl.claimed_status(root)
    if not found:
        problem = Problem(code=ProblemCode.ENVELOPE_EMPTY, field=root.name)
        return (source.unreadable((problem,), wrapper, None, status),)
    if len(found) > MAX_PARTS:
        finding = f"{len(found)} alerts in one message, at most {MAX_PARTS}"
        problem = Problem(code=ProblemCode.PAYLOAD_TOO_LARGE, field=root.name, detail=finding)
        return (source.unreadable((problem,), wrapper, None, status),)
    return tuple(_one(source, root, wrapper, alert, path) for alert, path in found)


def _one(source: Source, root: Node, wrapper: SourceFormat, alert: Node, path: str) -> Reading:
    if problem := edxl.mislabelled(root, alert, path):
        return source.unreadable((problem,), wrapper, report_id_of(source, alert), edxl.claimed_status(root))
    return read_alert(source, alert, path, wrapper)


def _classified(source: Source, root: Node, marking: Problem) -> Unreadable:
    """One refusal for the whole submission: any part of it that were kept would keep the classified bytes too."""
    claimed = report_id_of(source, root) if is_alert(root) else None
    status: Status | None = status_of(root) if is_alert(root) else edxl.claimed_status(root)
    return source.unreadable((marking,), SourceFormat.UNKNOWN, claimed, status)


def _texts(document: Document) -> Iterator[tuple[str, str, str]]:
    """Every text of the document as (path, name, text); a named value goes under its own name."""
    yield from _below(document.root, document.root.name)
    yield from ((document.root.name, "", remark) for remark in document.remarks)


def _below(node: Node, path: str) -> Iterator[tuple[str, str, str]]:
    name, value = node.find("valueName"), node.find("value")
    if name and value:
        yield f"{path}/value", name.text, value.text
    if node.text.strip():
        yield path, node.name, node.text
    for child, where in placed(node, path):
        yield from _below(child, where)


def _refused(source: Source, code: ProblemCode, detail: str | None = None) -> tuple[Reading, ...]:
    return (source.unreadable((Problem(code=code, field="", detail=detail),)),)

"""Reads JSON bytes into plain values and refuses what parsers disagree on: duplicate names, depth, other encodings."""

import codecs
import re
from typing import Any, Final

from pydantic_core import from_json

from contracts.problems import Problem, ProblemCode

MAX_DEPTH: Final = 32

_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]', re.DOTALL)


class UnreadableJsonError(Exception):
    """The bytes are no JSON we read; `problem` says why and never repeats their content."""

    def __init__(self, code: ProblemCode, detail: str, field: str = "") -> None:
        super().__init__(detail)
        self.problem = Problem(code=code, field=field, detail=detail)


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON is any of its seven kinds of value
    """The value in these UTF-8 bytes. Raises `UnreadableJsonError`."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        finding = f"byte {error.start} is not UTF-8, the only encoding of JSON (RFC 8259)"
        raise UnreadableJsonError(ProblemCode.ENCODING_UNSUPPORTED, finding) from error
    try:
        value = from_json(without_mark(body), allow_inf_nan=False)
    except ValueError as error:
        raise _malformed(error) from error
    _check_structure(without_mark(body))
    return value


def without_mark(body: bytes) -> bytes:
    """The bytes without a UTF-8 byte order mark, which RFC 8259 lets a reader ignore."""
    return body.removeprefix(codecs.BOM_UTF8)


def _malformed(error: ValueError) -> UnreadableJsonError:
    """The parser's position without its wording of the input."""
    text = str(error)
    if "recursion limit" in text:
        return UnreadableJsonError(ProblemCode.JSON_TOO_DEEP, f"more than {MAX_DEPTH} levels")
    place = re.search(r"line \d+ column \d+", text)
    return UnreadableJsonError(ProblemCode.JSON_MALFORMED, place.group() if place else "not JSON")


def _check_structure(body: bytes) -> None:
    """Walk the tokens of valid JSON: how deep, and whether one object names a member twice."""
    names: list[set[str]] = []
    previous = b""
    for token in _TOKEN.findall(body):
        match token:
            case b"{" | b"[":
                names.append(set())
                if len(names) > MAX_DEPTH:
                    raise UnreadableJsonError(ProblemCode.JSON_TOO_DEEP, f"more than {MAX_DEPTH} levels")
            case b"}" | b"]":
                names.pop()
            case b":":
                _add_name(names[-1], from_json(previous))
            case _:
                pass
        previous = token


def _add_name(names: set[str], name: str) -> None:
    if name in names:
        shown = name if name.isidentifier() and name.isascii() else ""
        raise UnreadableJsonError(ProblemCode.FIELD_INVALID, "one object names a member twice", field=shown[:64])
    names.add(name)

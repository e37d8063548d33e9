"""Reads the YAML that people write for us, strictly, into a contract; every error names file, line, path and the fix.

The subset is small on purpose: no anchors, aliases or tags, no repeated keys, `true` and `false` as the only booleans,
dates and all else unquoted stay text unless they are a number or `null`. What a document means is not judged here.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

ModelT = TypeVar("ModelT", bound=BaseModel)
Location = tuple[str | int, ...]
Check = Callable[[ModelT], Iterable[tuple[Location, str, str]]]
"""A cross-check: yields the location of each fault, what is wrong there, and the fix."""

MAX_DEPTH: Final = 30
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_CONSTANTS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_FIXES: Final = {
    "missing": "add this key",
    "extra_forbidden": "remove this key or correct its spelling",
    "string_type": "write text here; put numbers and codes in quotes",
    "string_pattern_mismatch": "use the pattern named",
    "date_from_datetime_parsing": "write a date as 2025-07-01",
    "date_parsing": "write a date as 2025-07-01",
    "bool_type": "write true or false",
    "time_delta_parsing": "write a duration as PT5M (5 minutes), PT12H or P1D",
    "union_tag_not_found": "add the key that says which form this is",
}


class Finding(NamedTuple):
    """One fault of a document."""

    file: Path
    line: int
    """Counted from 1."""
    path: str
    """For example `rules.3.when.area`; empty for the whole document."""
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path or 'document'}: {self.problem} — fix: {self.fix}"


class DocumentError(ValueError):
    """A document is refused: every fault found, each with file, line, path and fix."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def load(path: Path, model: type[ModelT], *checks: Check[ModelT]) -> ModelT:
    """The document in this file, or in all `*.yaml` files of this folder merged, as a checked contract.

    Files of a folder are read in the order of their names: lists under the same top-level key are joined, any other
    key may stand in one file only. Raises `DocumentError`.
    """
    written = read(path, model)
    if faults := [written.finding(*fault) for check in checks for fault in check(written.content)]:
        raise DocumentError(faults)
    return written.content


def read(path: Path, model: type[ModelT]) -> "Written[ModelT]":
    """As `load` without cross-checks, for a reader that must itself say where a fault it finds was written."""
    source = _Source()
    content = _merged(sorted(path.glob("*.yaml")), path, source) if path.is_dir() else _parsed(path, source)
    if source.findings:
        raise DocumentError(source.findings)
    try:
        document = model.model_validate_json(to_json(content))
    except ValidationError as error:
        raise DocumentError(map(source.described, error.errors())) from error
    return Written(document, source.finding)


@dataclass(frozen=True, slots=True)
class Written(Generic[ModelT]):
    """A document and where everything in it was written."""

    content: ModelT
    finding: Callable[[Location, str, str], Finding]
    """The fault at a location of the document (what is wrong, the fix) with its file and line."""


@dataclass
class _Source:
    """Where each value of the document was written, and what was wrong with the writing."""

    root: tuple[Path, int] = (Path(), 1)
    places: dict[Location, tuple[Path, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def finding(self, location: Location, problem: str, fix: str) -> Finding:
        """The fault with the closest line known for its location."""
        known: Location = ()
        place = self.root
        for part in location:
            if (step := (*known, part)) in self.places:
                known, place = step, self.places[step]
            # pydantic puts the chosen form of a union into the location; the document has no such step
        return Finding(*place, ".".join(map(str, location)), problem, fix)

    def described(self, error: ErrorDetails) -> Finding:
        """A finding in the words of the model that refused the document."""
        fix = _FIXES.get(error["type"], "correct this value")
        given = error["input"]
        shown = f", not {given!r}" if isinstance(given, str | int | float | bool) else ""
        return self.finding(error["loc"], f"{error['msg']}{shown}", fix)


def _merged(files: list[Path], folder: Path, source: _Source) -> dict[str, Any]:
    """The top-level mappings of several files as one."""
    source.root = (folder, 1)
    merged: dict[str, Any] = {}
    if not files:
        source.findings.append(Finding(folder, 1, "", "the folder holds no *.yaml file", "name a folder that does"))
    for file in files:
        part = _Source()
        content = _parsed(file, part)
        source.findings += part.findings
        if not isinstance(content, dict):
            continue
        for key, value in content.items():
            offset = _joined(merged, key, value, part, source)
            source.places |= dict(_moved(part.places, key, offset))
    return merged


def _joined(merged: dict[str, Any], key: str, value: object, part: _Source, source: _Source) -> int:
    """How many list items stood under the key before; a repeated key that is no list is a fault."""
    before = merged.setdefault(key, value)
    if before is value:
        return 0
    if isinstance(before, list) and isinstance(value, list):
        merged[key] = before + value
        return len(before)
    first = source.places[(key,)]
    problem = f"this key already stands in {first[0].name}:{first[1]}"
    source.findings.append(part.finding((key,), problem, "keep it in one file"))
    return 0


def _moved(
    places: dict[Location, tuple[Path, int]], key: str, offset: int
) -> Iterator[tuple[Location, tuple[Path, int]]]:
    """The places under one top-level key, their list index counted over all files."""
    for location, place in places.items():
        if location[:1] != (key,):
            continue
        if offset and len(location) == 1:
            continue
        if offset and isinstance(index := location[1], int):
            yield (key, index + offset, *location[2:]), place
        else:
            yield location, place


def _parsed(file: Path, source: _Source) -> object:
    """The content of one file as plain values; faults of the writing go to the source."""
    source.root = (file, 1)
    try:
        events = yaml.parse(file.read_text(encoding="utf-8"), Loader=_PARSER)
        return _Builder(file, events, source).document()
    except OSError as error:
        source.findings.append(Finding(file, 1, "", f"cannot be read: {error.strerror}", "check the name of the file"))
    except UnicodeDecodeError as error:
        source.findings.append(Finding(file, 1, "", f"is not UTF-8 at byte {error.start}", "save it as UTF-8"))
    except yaml.MarkedYAMLError as error:
        line = 1 if (mark := error.problem_mark) is None else mark.line + 1
        problem = " ".join(filter(None, (error.context, error.problem)))
        source.findings.append(Finding(file, line, "", problem, "correct the YAML at this line"))
    except yaml.YAMLError as error:
        source.findings.append(Finding(file, 1, "", str(error), "remove the control character"))
    return None


class _Builder:
    """Turns YAML events into plain values, noting lines and refusing what the subset leaves out."""

    def __init__(self, file: Path, events: Iterator[Any], source: _Source) -> None:
        self._file, self._events, self._source = file, events, source

    def document(self) -> object:
        """The only document of the file."""
        content: object = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(event, (), "a second document starts here", "keep one document in a file")
                content = self._value(next(self._events), ())
        if not isinstance(content, dict):
            self._source.findings.append(
                Finding(self._file, 1, "", "the document is no mapping", "begin with `key: value` lines")
            )
        return content

    def _value(self, event: Any, location: Location) -> object:  # noqa: ANN401  # PyYAML's events are untyped
        if location:
            self._source.places.setdefault(location, (self._file, _line(event)))
        self._check(event, location)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(location)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value) if event.style in (None, "") else event.value
        return None

    def _check(self, event: Any, location: Location) -> None:  # noqa: ANN401  # PyYAML's events are untyped
        """Refuses anchors, aliases, tags and excessive depth where they stand."""
        if getattr(event, "anchor", None) is not None:
            self._refuse(event, location, "anchors and aliases are not allowed", "write the value out")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, location, f"the tag {event.tag} is not allowed", "remove the tag")
        if len(location) > MAX_DEPTH:
            self._refuse(event, location, f"nested deeper than {MAX_DEPTH} levels", "nest it less deeply")
            raise DocumentError(self._source.findings)

    def _mapping(self, location: Location) -> dict[str, object]:
        content: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, location, "a key must be plain text", "write `key: value`")
                raise DocumentError(self._source.findings)
            self._check(event, location)
            step = (*location, event.value)
            if event.value in content:
                first = self._source.places[step][1]
                self._refuse(event, step, f"the key is repeated, first in line {first}", "keep one of them")
            self._source.places.setdefault(step, (self._file, _line(event)))
            content[event.value] = self._value(next(self._events), step)
        return content

    def _sequence(self, location: Location) -> list[object]:
        content: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            content.append(self._value(event, (*location, len(content))))
        return content

    def _refuse(self, event: Any, location: Location, problem: str, fix: str) -> None:  # noqa: ANN401  # as above
        path = ".".join(map(str, location))
        self._source.findings.append(Finding(self._file, _line(event), path, problem, fix))


def _line(event: Any) -> int:  # noqa: ANN401  # PyYAML's events are untyped
    """Where the event starts, counted from 1."""
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> object:
    """The value of unquoted text: a constant, a number that a double holds exactly enough, or the text itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text

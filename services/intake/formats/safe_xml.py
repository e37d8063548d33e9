"""Turns untrusted bytes into a plain element tree, or says why not. What could reach out or blow up is refused first.

The bytes are decoded here, the declaration is cut off and a DTD is looked for in the decoded text, so libxml2 only ever
sees UTF-8 without a DOCTYPE: an encoding trick cannot show one text to the check and another to the parser.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from contracts.problems import Problem, ProblemCode

MAX_DEPTH: Final = 24
"""Deeper than any CAP alert inside any envelope we read (9), with room for a signature."""

MAX_ELEMENTS: Final = 4000
"""More than an honest alert of 64 kB has; what follows costs time for each."""

XML_SPACE: Final = " \t\r\n"

_ENCODINGS: Final = re.compile(
    r"^(utf-?8|utf-?16(-?[lb]e)?|us-?ascii|iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d)$"
)
_DECLARATION: Final = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')"""
    r"""(?:\s+encoding\s*=\s*(?:"(?P<double>[A-Za-z][\w.\-]*)"|'(?P<single>[A-Za-z][\w.\-]*)'))?"""
    r"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>""",
    re.ASCII,
)
_DTD: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """One element: its name and namespace, its own text, its children in order, the names of its attributes."""

    name: str
    namespace: str
    text: str
    children: tuple["Node", ...] = ()
    attributes: tuple[str, ...] = ()
    """Names in Clark notation, `{namespace}name`."""

    def find(self, name: str) -> "Node | None":
        """The first child of that name in this element's own namespace."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator["Node"]:
        """The children of that name in this element's own namespace, in document order."""
        return (child for child in self.children if child.name == name and child.namespace == self.namespace)

    def walk(self) -> Iterator["Node"]:
        """This element and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Document:
    """The root element, and the texts that stand in no element: comments, processing instructions, attribute values."""

    root: Node
    remarks: tuple[str, ...]


class UnsafeXmlError(Exception):
    """The bytes are no XML we are willing to read; `problem` is the coded reason and never repeats their content."""

    def __init__(self, code: ProblemCode, detail: str) -> None:
        super().__init__(detail)
        self.problem = Problem(code=code, field="", detail=detail)


def decode(body: bytes, charset: str | None = None) -> str:
    """The document as text without its declaration: byte order mark first, then `charset`, then the declaration.

    RFC 7303 sets that order. Raises `UnsafeXmlError`.
    """
    mark, marked = next(((bom, name) for bom, name in _BOMS if body.startswith(bom)), (b"", None))
    body = body[len(mark) :]
    encoding = (marked or charset or _unmarked_utf16(body) or _declared(body) or "utf-8").lower()
    if not _ENCODINGS.match(encoding):
        raise UnsafeXmlError(ProblemCode.ENCODING_UNSUPPORTED, "only UTF-8, UTF-16, ISO-8859 and Windows-125x are read")
    try:
        text = body.decode(encoding)
    except LookupError as error:
        raise UnsafeXmlError(ProblemCode.ENCODING_UNSUPPORTED, "this member of the family is not known") from error
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is not {encoding}"
        raise UnsafeXmlError(ProblemCode.ENCODING_UNSUPPORTED, found) from error
    return _without_declaration(text)


def parse(body: bytes, charset: str | None = None) -> Document:
    """The document as plain values; a DTD never reached the parser. Raises `UnsafeXmlError`."""
    text = decode(body, charset)
    if _DTD.search(text):
        raise UnsafeXmlError(ProblemCode.XML_UNSAFE, "a DOCTYPE or ENTITY declaration was found before parsing")
    builder = _Builder()
    target: Any = builder
    parser = etree.XMLParser(
        target=target, encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        etree.fromstring(text.encode(), parser)
    except UnicodeEncodeError as error:
        raise UnsafeXmlError(ProblemCode.ENCODING_UNSUPPORTED, "a lone surrogate is not a character") from error
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise UnsafeXmlError(ProblemCode.XML_MALFORMED, f"line {line}, column {column}") from error
    if builder.root is None or parser.error_log.filter_from_errors():
        raise UnsafeXmlError(ProblemCode.XML_MALFORMED, "a namespace prefix is not declared")
    return Document(builder.root, tuple(builder.remarks))


def _declared(body: bytes) -> str | None:
    found = _DECLARATION.match(body[:200].decode("latin-1"))
    return (found["double"] or found["single"]) if found else None


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 without a mark shows a zero beside its first `<` (XML 1.0, appendix F)."""
    if body.startswith(b"<\x00"):
        return "utf-16-le"
    return "utf-16-be" if body.startswith(b"\x00<") else None


def _without_declaration(text: str) -> str:
    """The declaration's lines stay as empty lines, so positions in problems remain those of the sender."""
    if not (found := _DECLARATION.match(text)):
        return text
    return "\n" * found.group().count("\n") + text[found.end() :]


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet."""

    tag: str
    attributes: tuple[str, ...]
    text: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def close(self) -> Node:
        namespace, _, name = self.tag[1:].rpartition("}") if self.tag.startswith("{") else ("", "", self.tag)
        return Node(name, namespace, "".join(self.text), tuple(self.children), self.attributes)


class _Builder:
    """Receives the parser's events and stops it where the nesting gets too deep or a DTD slipped through."""

    def __init__(self) -> None:
        self.remarks: list[str] = []
        self._open: list[_Open] = []
        self._count = 0
        self.root: Node | None = None

    def doctype(self, *_: object) -> None:
        raise UnsafeXmlError(ProblemCode.XML_UNSAFE, "a DOCTYPE was found while parsing")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise UnsafeXmlError(ProblemCode.XML_TOO_DEEP, f"more than {MAX_DEPTH} levels")
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise UnsafeXmlError(ProblemCode.PAYLOAD_TOO_LARGE, f"more than {MAX_ELEMENTS} elements")
        self._open.append(_Open(tag, tuple(attributes)))
        self.remarks.extend(attributes.values())

    def data(self, text: str) -> None:
        self._open[-1].text.append(text)

    def comment(self, text: str) -> None:
        self.remarks.append(text)

    def pi(self, _: str, data: str | None = None) -> None:
        self.remarks.append(data or "")

    def end(self, _: str) -> None:
        node = self._open.pop().close()
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def close(self) -> Node | None:
        """Called after errors too: raising here would hide them."""
        return self.root

"""Decides whether bytes are a picture of the type stated, plain and of a size screens can show. Pure; decodes nothing.

A picture carries what its taker does not see: position, device, owner (EXIF, XMP, IPTC), a second file behind its end.
Taking that out would change the digest that the report names, so it is refused, by name; our own page writes none.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, assert_never

from contracts.attachments import MediaType
from contracts.problems import Problem, ProblemCode

MOST_PIXELS: Final = 25_000_000
"""A few kilobytes can stand for a picture that takes a browser's memory."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PLAIN: Final = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST cICP".split())
_WEBP_PLAIN: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_JPEG_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_PLAIN: Final = frozenset({*_JPEG_FRAMES, 0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD})
"""Frames, tables and scans. Other segments are told by their first bytes."""
_JFIF: Final = (0xE0, b"JFIF\0", 14)
"""Longer, it would hold a small picture of its own."""
_ADOBE: Final = (0xEE, b"Adobe", 12)
"""Says which colours are meant."""
_PROFILE: Final = (0xE2, b"ICC_PROFILE\0")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_RESTARTS: Final = frozenset(range(0xD0, 0xD8))


class _Part(NamedTuple):
    """One part of a file as its format divides it."""

    name: str
    plain: bool
    """Whether it only says how the picture looks."""
    pixels: int = 0


class _UnreadableError(Exception):
    """The file is not divided as its format says."""


def flaw(body: bytes, media_type: MediaType) -> Problem | None:
    """Why this is no picture to be kept; None for one that is."""
    try:
        parts = list(_parts(body, media_type))
    except _UnreadableError as error:
        return _problem(ProblemCode.ATTACHMENT_TYPE, f"no {media_type.value}: {error}")
    if hidden := next((part for part in parts if not part.plain), None):
        return _problem(ProblemCode.ATTACHMENT_METADATA, f"it has a part {hidden.name}")
    pixels = max((part.pixels for part in parts), default=0)
    if not pixels:
        return _problem(ProblemCode.ATTACHMENT_TYPE, f"no {media_type.value}: no picture in it")
    if pixels > MOST_PIXELS:
        return _problem(ProblemCode.ATTACHMENT_SIZE, f"{pixels} pixels")
    return None


def _parts(body: bytes, media_type: MediaType) -> Iterator[_Part]:
    match media_type:
        case MediaType.JPEG:
            return _jpeg(body)
        case MediaType.PNG:
            return _png(body)
        case MediaType.WEBP:
            return _webp(body)
        case other:
            assert_never(other)


def _problem(code: ProblemCode, detail: str) -> Problem:
    return Problem(code=code, field="", detail=detail)


def _jpeg(body: bytes) -> Iterator[_Part]:
    """ITU-T T.81, annex B: segments from the start of the image to its end; nothing may follow."""
    if body[:2] != bytes((0xFF, _SOI)):
        raise _UnreadableError("it does not begin as one")
    at = 2
    while (marker := _marker(body, at)) != _EOI:
        size = _number(body, at + 2, 2)
        content = _exactly(body, at + 4, size - 2)
        yield _segment(marker, content)
        at += 2 + size
        if marker == _SOS:
            at = _after_scan(body, at)
    if body[at + 2 :]:
        yield _Part("behind its end", plain=False)


def _marker(body: bytes, at: int) -> int:
    lead, marker = _exactly(body, at, 2)
    if lead != 0xFF or marker in {0x00, 0xFF, _SOI}:  # noqa: PLR2004 - what every marker begins with
        raise _UnreadableError(f"no segment at {at}")
    return marker


def _after_scan(body: bytes, at: int) -> int:
    """Where the next segment begins: compressed data holds 0xFF only before 0 or as a restart."""
    while (at := body.find(b"\xff", at)) >= 0:
        following = _exactly(body, at + 1, 1)[0]
        if following and following not in _RESTARTS:
            return at
        at += 2
    raise _UnreadableError("it does not end")


def _segment(marker: int, content: bytes) -> _Part:
    if marker in _JPEG_FRAMES:
        return _Part("frame", plain=True, pixels=_number(content, 1, 2) * _number(content, 3, 2))
    known = (marker, content[:5], len(content)) in {_JFIF, _ADOBE} or (marker, content[:12]) == _PROFILE
    return _Part(f"0x{marker:02X}", plain=known or marker in _JPEG_PLAIN)


def _png(body: bytes) -> Iterator[_Part]:
    """PNG, third edition, section 5: chunks from IHDR to IEND; nothing may follow."""
    if body[:8] != _PNG or body[12:16] != b"IHDR":
        raise _UnreadableError("it does not begin as one")
    at, kind = 8, b""
    while kind != b"IEND":
        size, kind = _number(body, at, 4), _exactly(body, at + 4, 4)
        content = _exactly(body, at + 8, size + 4)
        pixels = _number(content, 0, 4) * _number(content, 4, 4) if kind == b"IHDR" else 0
        yield _Part(_shown(kind), kind in _PNG_PLAIN, pixels)
        at += 12 + size
    if body[at:]:
        yield _Part("behind its end", plain=False)


def _webp(body: bytes) -> Iterator[_Part]:
    """RFC 9649, section 2.3: chunks of a RIFF file, each of an even length; nothing may follow."""
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP":
        raise _UnreadableError("it does not begin as one")
    end, at = 8 + int.from_bytes(body[4:8], "little"), 12
    if len(body) < end:
        raise _UnreadableError("it does not end")
    while at < end:
        kind, size = _exactly(body, at, 4), _number(body, at + 4, 4, "little")
        content = _exactly(body, at + 8, size)
        yield _Part(_shown(kind), kind in _WEBP_PLAIN, _webp_pixels(kind, content))
        at += 8 + size + size % 2
    if body[end:]:
        yield _Part("behind its end", plain=False)


def _webp_pixels(kind: bytes, content: bytes) -> int:
    match kind:
        case b"VP8 ":
            return (_number(content, 6, 2, "little") & 0x3FFF) * (_number(content, 8, 2, "little") & 0x3FFF)
        case b"VP8L":
            bits = _number(content, 1, 4, "little")
            return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            return (_number(content, 4, 3, "little") + 1) * (_number(content, 7, 3, "little") + 1)
        case _:
            return 0


def _number(body: bytes, at: int, size: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(_exactly(body, at, size), order)


def _exactly(body: bytes, at: int, size: int) -> bytes:
    piece = body[at : at + size]
    if size < 0 or len(piece) < size:
        raise _UnreadableError("it ends too soon")
    return piece


def _shown(kind: bytes) -> str:
    text = kind.decode("ascii", "replace")
    return text.strip() if text.isprintable() else kind.hex()

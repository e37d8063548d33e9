"""Small pictures, byte by byte, and the same with what nobody sees in them."""

import struct
import zlib
from typing import Any, Final

from contracts.canonical import sha256_hex

EXIF: Final = b"Exif\0\0MM\0*" + b"10.7769 N 106.7009 E"
_SCAN: Final = bytes((0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0)) + b"\x12\xff\x00\x34\xff\xd0\x56" * 40
_END: Final = b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(width: int = 640, height: int = 480, *further: bytes, behind: bytes = b"", shade: int = 0) -> bytes:
    """A JPEG whose parts are where they belong; `further` segments stand before its frame. No decoder is needed."""
    header = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    table = segment(0xDB, bytes([0, *[1 + shade % 250] * 64]))
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    return b"\xff\xd8" + header + b"".join(further) + table + frame + _SCAN + _END + behind


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 4, height: int = 4, *further: bytes) -> bytes:
    """A grey PNG that every browser shows."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * min(width, 64) for _ in range(min(height, 64))))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(further) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp(width: int = 4, height: int = 4, *further: bytes) -> bytes:
    """A WebP with a lossless picture; `further` are whole chunks."""
    bits = (width - 1) | (height - 1) << 14
    picture = b"\x2f" + struct.pack("<I", bits) + b"\0"
    body = b"WEBP" + b"".join(further) + b"VP8L" + struct.pack("<I", len(picture)) + picture
    return b"RIFF" + struct.pack("<I", len(body)) + body


def named(body: bytes, media_type: str = "image/jpeg", **changes: Any) -> dict[str, Any]:
    """How a report names this picture."""
    return {"sha256": sha256_hex(body), "media_type": media_type, "size": len(body)} | changes

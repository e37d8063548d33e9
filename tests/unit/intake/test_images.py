"""Which bytes are kept as a photograph: what is stated, plain, whole, and of a size that screens can show."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.attachments import MediaType
from contracts.problems import ProblemCode
from services.intake.attachments.images import MOST_PIXELS, flaw
from tests.pictures import EXIF, chunk, jpeg, png, segment, webp

PLAIN = {MediaType.JPEG: jpeg(), MediaType.PNG: png(), MediaType.WEBP: webp()}
HIDDEN = {
    "EXIF in a JPEG": (MediaType.JPEG, jpeg(640, 480, segment(0xE1, EXIF))),
    "XMP in a JPEG": (MediaType.JPEG, jpeg(640, 480, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"))),
    "IPTC in a JPEG": (MediaType.JPEG, jpeg(640, 480, segment(0xED, b"Photoshop 3.0\0"))),
    "a comment in a JPEG": (MediaType.JPEG, jpeg(640, 480, segment(0xFE, b"Nguyen Van A"))),
    "a small picture in a JPEG's header": (MediaType.JPEG, jpeg(640, 480, segment(0xE0, b"JFIF\0" + bytes(30)))),
    "a list of pictures in a JPEG": (MediaType.JPEG, jpeg(640, 480, segment(0xE2, b"MPF\0MM"))),
    "words in a segment for colours": (MediaType.JPEG, jpeg(640, 480, segment(0xEE, b"Adobe" + bytes(40)))),
    "a film behind a JPEG": (MediaType.JPEG, jpeg(behind=b"\0\0\0\x18ftypmp42")),
    "a page behind a JPEG": (MediaType.JPEG, jpeg(behind=b"<script>alert(1)</script>")),
    "EXIF in a PNG": (MediaType.PNG, png(4, 4, chunk(b"eXIf", EXIF))),
    "text in a PNG": (MediaType.PNG, png(4, 4, chunk(b"tEXt", b"Author\0Nguyen Van A"))),
    "a file behind a PNG": (MediaType.PNG, png() + b"PK\x03\x04"),
    "EXIF in a WebP": (MediaType.WEBP, webp(4, 4, b"EXIF" + struct.pack("<I", len(EXIF)) + EXIF)),
    "XMP in a WebP": (MediaType.WEBP, webp(4, 4, b"XMP " + struct.pack("<I", 4) + b"<x/>")),
    "a file behind a WebP": (MediaType.WEBP, webp() + b"<html>"),
}
NONE = {
    "nothing": b"",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a page that begins like a JPEG": b"\xff\xd8\xff<script>alert(1)</script>",
    "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a program": b"\x7fELF" + bytes(200),
    "a document": b"%PDF-1.7\n",
    "a JPEG cut short": jpeg()[:-60],
    "a JPEG without a picture": b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + b"\xff\xd9",
}


def _code(body: bytes, media_type: MediaType) -> ProblemCode | None:
    found = flaw(body, media_type)
    return found.code if found else None


@pytest.mark.parametrize("media_type", MediaType)
def test_a_plain_picture_is_kept(media_type: MediaType) -> None:
    assert flaw(PLAIN[media_type], media_type) is None


@pytest.mark.parametrize("what", HIDDEN)
def test_what_the_taker_does_not_see_is_refused_and_said(what: str) -> None:
    """A position or a name in a photograph would reach every desk of the incident, and stay for ever."""
    media_type, body = HIDDEN[what]

    assert _code(body, media_type) is ProblemCode.ATTACHMENT_METADATA


@pytest.mark.parametrize("media_type", MediaType)
@pytest.mark.parametrize("what", NONE)
def test_what_is_no_picture_is_refused_whatever_it_claims_to_be(what: str, media_type: MediaType) -> None:
    """A page under our own name would run with the rights of the officer who opens it."""
    assert _code(NONE[what], media_type) is ProblemCode.ATTACHMENT_TYPE


@pytest.mark.parametrize("stated", MediaType)
@pytest.mark.parametrize("really", MediaType)
def test_a_picture_of_another_type_than_stated_is_refused(stated: MediaType, really: MediaType) -> None:
    if stated is not really:
        assert _code(PLAIN[really], stated) is ProblemCode.ATTACHMENT_TYPE


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (MediaType.JPEG, jpeg(60_000, 60_000)),
        (MediaType.PNG, png(60_000, 60_000)),
        (MediaType.WEBP, webp(16_384, 16_384)),
    ],
)
def test_a_picture_that_would_fill_a_browsers_memory_is_refused(media_type: MediaType, body: bytes) -> None:
    """A few hundred bytes can stand for gigabytes on the screen of every desk."""
    assert len(body) < 10_000
    assert _code(body, media_type) is ProblemCode.ATTACHMENT_SIZE
    assert MOST_PIXELS > 1600 * 1600


@given(st.sampled_from(MediaType), st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_at_all_make_the_check_fail(media_type: MediaType, noise: bytes, at: int) -> None:
    """What comes from outside must never end the process that records reports."""
    body = PLAIN[media_type]

    flaw(noise, media_type)
    flaw(body[:at] + noise + body[at + len(noise) :], media_type)


@given(st.binary(max_size=60))
def test_a_colour_profile_and_restarts_belong_to_a_plain_jpeg(profile: bytes) -> None:
    assert flaw(jpeg(640, 480, segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile)), MediaType.JPEG) is None

"""Hostile XML is refused before a parser could act on it; honest XML is read in every encoding we name."""

import re
import unicodedata

import pytest

from services.intake.formats.safe_xml import MAX_DEPTH, UnsafeXmlError, parse
from tests.unit.intake.samples import CAP, cap, draft_of, found

DOCTYPE = '<!DOCTYPE alert SYSTEM "file:///etc/passwd">'
BILLION_LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]><lolz>&j;</lolz>"
)


def refused_as(body: bytes, charset: str | None = None) -> str:
    with pytest.raises(UnsafeXmlError) as caught:
        parse(body, charset)
    return caught.value.problem.code.value


@pytest.mark.parametrize(
    "body",
    [
        f"{DOCTYPE}<alert/>".encode(),
        b"<!doctype alert><alert/>",
        f"<!-- x -->{DOCTYPE}<alert/>".encode(),
        b"<!DOCTYPE a [<!ENTITY x SYSTEM 'http://127.0.0.1/'>]><a>&x;</a>",
        BILLION_LAUGHS.encode(),
        f"{DOCTYPE}<alert/>".encode("utf-16"),
        f"{DOCTYPE}<alert/>".encode("utf-16-le"),
        f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE}<alert/>'.encode("utf-16"),
        b"\xef\xbb\xbf" + f"{DOCTYPE}<alert/>".encode(),
    ],
)
def test_a_document_type_or_entity_is_refused_in_every_encoding(body: bytes) -> None:
    """Breaks if an encoding could hide a DOCTYPE from the check and show it to the parser (XXE, billion laughs)."""
    assert refused_as(body) == "xml.unsafe"


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
        b'<?xml version="1.0" encoding="x-user-defined"?><a/>',
        b'<?xml version="1.0" encoding="utf-32"?><a/>',
        "<a/>".encode("utf-32"),
        b'<?xml version="1.0" encoding="iso-8859-12"?><a/>',
        b"<a>\xff</a>",
        b"\xff\xfe<",
    ],
)
def test_an_encoding_that_is_not_read_is_named(body: bytes) -> None:
    assert refused_as(body) == "encoding.unsupported"


def test_a_charset_of_the_media_type_cannot_smuggle_another_encoding() -> None:
    assert refused_as(b"+ADwAIQ-DOCTYPE a+AD4-", "utf-7") == "encoding.unsupported"


@pytest.mark.parametrize(
    "body",
    [
        b"<a>&x;</a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a b='1' b='2'/>",
        b"<x:a/>",
        b"<a>\x00</a>",
        b"<a>&#xD800;</a>",
        b'\n<?xml version="1.0"?><a/>',
        b"<",
    ],
)
def test_broken_xml_is_refused(body: bytes) -> None:
    assert refused_as(body) == "xml.malformed"


def test_nesting_is_bounded_while_parsing() -> None:
    assert parse(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).root.name == "a"
    assert refused_as(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)) == "xml.too_deep"
    assert refused_as(b"<a>" * 20_000) == "xml.too_deep"


def test_the_number_of_elements_is_bounded_while_parsing() -> None:
    """Breaks if one small message could keep intake busy for long: each element costs checks."""
    assert refused_as(b"<a>" + b"<b/>" * 4000 + b"</a>") == "payload.too_large"


def test_a_comment_inside_a_value_does_not_split_it() -> None:
    """Breaks if a check saw `Act` where another reader sees `Actual`."""
    assert draft_of(cap(("Actual", "Act<!-- x -->ual"))).report.status == "Actual"


def test_xinclude_is_only_an_unknown_element() -> None:
    include = '<include xmlns="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert found(cap(("<info>", f"{include}<info>"))) == [("cap.rule", "alert/include")]


@pytest.mark.parametrize(
    ("encoding", "media_type"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16-le", None),
        ("utf-16-be", None),
        ("windows-1258", "application/cap+xml; charset=windows-1258"),
    ],
)
def test_the_same_alert_is_read_in_every_encoding(encoding: str, media_type: str | None) -> None:
    text = CAP.replace("UTF-8", "utf-16") if "16" in encoding else CAP
    draft = draft_of((tones_apart(text) if "1258" in encoding else text).encode(encoding), media_type)
    assert draft.report.headline == "Lũ quét tại A Lưới"


def tones_apart(text: str) -> str:
    """Vietnamese as Windows-1258 has it: vowels composed, tone marks behind them."""
    split = unicodedata.normalize("NFD", text)
    return re.sub("([aAeEoOuU])([\u0300\u0301\u0303\u0309\u0323]*)([\u0302\u0306\u031b])", _composed, split)


def _composed(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found[1] + found[3]) + found[2]


def test_a_declared_single_byte_encoding_is_decoded() -> None:
    body = CAP.replace("UTF-8", "ISO-8859-1").replace("Lũ quét tại A Lưới", "Usulután")
    body = body.replace("Lũ quét", "Earthquake").replace("Nước lên nhanh.", "x").replace("Xã A Lưới 2", "x")
    assert draft_of(body.encode("iso-8859-1")).report.headline == "Usulután"

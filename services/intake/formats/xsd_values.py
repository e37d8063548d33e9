"""Checks the text of one element against a simple type of XML Schema as CAP and EDXL use it. Knows no element names.

Every check returns what is wrong in English, without repeating the value, or None.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.intake.formats.safe_xml import XML_SPACE

Check = Callable[[str], str | None]

_DATE_TIME: Final = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:(Z)|([+-])(\d\d):(\d\d))?$", re.ASCII
)
_CAP_DATE_TIME: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$", re.ASCII)
_LANGUAGE: Final = re.compile(r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$", re.ASCII)
_INTEGER: Final = re.compile(r"^[+-]?\d+$", re.ASCII)
_DECIMAL: Final = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)$", re.ASCII)
_BASE64: Final = re.compile(r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", re.ASCII)

_URI_CHARACTER: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_URI: Final = re.compile(
    r"^(?:(?P<scheme>[A-Za-z][A-Za-z0-9+\-.]*):)?"
    r"(?:(?!//)|//(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[[^\[\]/?#]*\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::(?P<port>\d{0,9}))?(?=[/?#]|$))"
    rf"(?P<path>(?:/|{_URI_CHARACTER})*)(?:\?(?:[/?]|{_URI_CHARACTER})*)?(?:\#(?:[/?]|{_URI_CHARACTER})*)?$",
    re.ASCII,
)
_NOT_IN_A_URI: Final = re.compile(r"[^\x20-\x7e]|[<>\"{}|\\^` ]")


def collapse(text: str) -> str:
    """XML Schema's whiteSpace=collapse: outer blanks gone, inner runs single; only the four XML blanks count."""
    return " ".join(part for part in re.split(f"[{XML_SPACE}]+", text) if part)


def anything(_: str) -> str | None:
    """`xs:string`."""
    return None


def one_of(codes: type[StrEnum], *absent: StrEnum) -> Check:
    """An enumeration over `xs:string`: exact spelling, no blanks around it."""
    allowed = {code.value for code in codes} - {code.value for code in absent}
    finding = f"must be one of {', '.join(code.value for code in codes if code.value in allowed)}"
    return lambda text: None if text in allowed else finding


def collapsed(check: Check) -> Check:
    """The same check after whiteSpace=collapse, for types derived from `xs:token`."""
    return lambda text: check(collapse(text))


def moment(text: str) -> datetime | None:
    """The instant of an `xs:dateTime`, without a zone read as UTC; None when it is none or outside Python's years."""
    if not (found := _DATE_TIME.match(collapse(text))):
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = timedelta(hours=int(found[10] or 0), minutes=int(found[11] or 0))
    if int(found[11] or 0) > 59 or offset > timedelta(hours=14):  # noqa: PLR2004 - XML Schema 1.0, 3.2.7.3
        return None
    end_of_day = (hour, minute, second) == (24, 0, 0) and not (found[7] or "").strip(".0")
    try:
        local = datetime(year, month, day, 0 if end_of_day else hour, minute, second, tzinfo=UTC)
        return local + timedelta(days=int(end_of_day)) + (offset if found[9] == "-" else -offset)
    except (ValueError, OverflowError):
        return None


def cap_date_time(text: str) -> str | None:
    """CAP 1.2, 3.3.2: date, time and numeric offset; never `Z`."""
    if not _CAP_DATE_TIME.match(collapse(text)):
        return "must have the form 2026-11-22T05:10:00+07:00, with a numeric offset and never Z"
    return None if moment(text) else "is no instant of the calendar"


def date_time(text: str) -> str | None:
    """`xs:dateTime` (EDXL-DE 1.0) in a year of four digits, the only ones Python counts."""
    return None if moment(text) else "must be a date and time such as 2026-11-22T05:10:00+07:00"


def language(text: str) -> str | None:
    """`xs:language`; an empty element takes the default of its schema."""
    return None if not text or _LANGUAGE.match(collapse(text)) else "must be a language tag such as vi-VN"


def integer(text: str) -> str | None:
    """`xs:integer`."""
    return None if _INTEGER.match(collapse(text)) else "must be a whole number"


def decimal(text: str) -> str | None:
    """`xs:decimal`."""
    return None if _DECIMAL.match(collapse(text)) else "must be a decimal number"


def base64(text: str) -> str | None:
    """`xs:base64Binary`; blanks may stand anywhere."""
    return None if _BASE64.match(re.sub(f"[{XML_SPACE}]", "", text)) else "must be base64"


def any_uri(text: str) -> str | None:
    """`xs:anyURI`: a URI reference once characters outside RFC 3986 are escaped."""
    return None if _uri(text) else "must be a URI"


def is_absolute(text: str) -> bool:
    """Whether a URI names its scheme."""
    found = _uri(text)
    return bool(found and found["scheme"])


def _uri(text: str) -> re.Match[str] | None:
    found = _URI.match(_NOT_IN_A_URI.sub("_", collapse(text)))
    if not found:
        return None
    first = found["path"].split("/", 1)[0]
    return None if not found["scheme"] and ":" in first and "//" not in found.group()[:2] else found

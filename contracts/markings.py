"""Finds secrecy markings in texts and field values: Mật, Tối mật, Tuyệt mật and their English counterparts.

A marking stands alone on its line, in brackets, at a line's edge in capitals, or behind a label. The same words inside
a sentence (mật ong, bí mật, mật độ, mật khẩu) are language, not a marking, and pass.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic_core import from_json

from contracts.problems import Problem, ProblemCode
from contracts.text import fold

_ALONE: Final = frozenset({"mật", "tốimật", "tuyệtmật", "tuyetmat", "topsecret", "secret", "confidential"})
"""Letters of a whole line. `toi mat` without marks may be 'tôi mất': it counts only in brackets or behind a label."""
_VALUE: Final = _ALONE | {"mat", "toimat"}
"""Letters of a value behind a label."""

_WORDS: Final = r"(?:TUYỆT\s+MẬT|TỐI\s+MẬT|MẬT|TOP\s+SECRET|SECRET|CONFIDENTIAL)"
_EDGE: Final = re.compile(rf"^\W*{_WORDS}\s*(?:[-–—:|]|//)|\s[-–—|/]\s*{_WORDS}\W*$")
"""In capitals only: `MẬT - Báo cáo …`, `… biên giới — TỐI MẬT`."""
_BRACKETED: Final = re.compile(r"[(\[{<«]\s*([^()\[\]{}<>«»]{3,20}?)\s*[)\]}>»]")

_LABEL: Final = re.compile(
    r"(?:^|[\s(\[{*.,;])"
    r"(?:mức\s+)?(?:độ\s+mật|dấu\s+độ\s+mật|do[\s_]mat|dau[\s_]mat|secrecy|classification|security[\s_]level"
    r"|(?:combined)?confidentiality|handling|restriction)\s*[:=]\s*([^\n;)\]}]*)"
)
_STRONG: Final = re.compile(r"\b(?:tối\s+mật|tuyệt\s+mật|top\s+secret)\b")
_WEAK: Final = re.compile(
    r"(?<!bí )(?<!bảo )(?<!cơ )\bmật\b(?! (?:ong|độ|khẩu|mã|thiết|vụ|danh|hoa|mía|ngọt|vịt|gấu|lệnh|thất))"
)
_DENIED: Final = re.compile(
    r"\bkhông\s+(?:phải\s+)?(?:là\s+)?(?:tài\s+liệu\s+|văn\s+bản\s+)?(?:tối\s+|tuyệt\s+)?mật\b|\b(?:not?|non)[\s-]+\w+"
)
_CANDIDATE: Final = re.compile("mật|mat|secret|confidential")
_SHORTEST: Final = 3
_HIDDEN: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


def refusal_of_json(body: bytes) -> Problem | None:
    """The same of a JSON text; None also for what is none, which is refused for that."""
    try:
        return refusal(texts(from_json(body, allow_inf_nan=False)))
    except ValueError:
        return None


def refusal(values: Iterable[tuple[str, str, str]]) -> Problem | None:
    """The problem of the first marking in `(path, name, value)` triples; its texts never repeat the content."""
    for path, name, value in values:
        if _may_be_marked(value) and (is_marked(value) or is_marked_value(name, value)):
            return Problem(code=ProblemCode.SECRECY_REFUSED, field=path, detail="a secrecy marking stands here")
    return None


def texts(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - read from JSON
    """Every text in the value as (path, name of its field, text); names of fields are texts too."""
    match value:
        case str():
            yield path, name, value
        case dict():
            for key, inner in value.items():
                yield path, "", key
                yield from texts(inner, f"{path}.{key}".strip("."), key)
        case list():
            for index, inner in enumerate(value):
                yield from texts(inner, f"{path}.{index}".strip("."), name)
        case _:
            return


def is_marked(text: str) -> bool:
    """Whether any line of the text carries a secrecy marking."""
    lines = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).splitlines()
    return any(_line_is_marked(line) for line in lines)


def is_marked_value(name: str, value: str) -> bool:
    """Whether a field whose name speaks of secrecy or handling holds a marking, spelled with or without marks."""
    return is_marked(f"{fold_name(name)}: {value}")


def fold_name(name: str) -> str:
    """`combinedConfidentiality`, `do_mat` and `Độ mật` in the one spelling that labels are compared in."""
    return unicodedata.normalize("NFC", name).casefold()


def _may_be_marked(text: str) -> bool:
    """A quick look that misses no marking: every one has the letters of one of these words, one after the other."""
    return len(text) >= _SHORTEST and bool(
        _CANDIDATE.search("".join(filter(str.isalpha, unicodedata.normalize("NFKC", text).casefold())))
    )


def _line_is_marked(line: str) -> bool:
    if _letters(line) in _ALONE or _EDGE.search(line):
        return True
    if any(_letters(inner) in _VALUE - {"mat"} for inner in _BRACKETED.findall(line)):
        return True
    return any(_label_value_is_marked(value) for value in _label_values(line.casefold()))


def _label_values(line: str) -> Iterator[str]:
    return (found[1] for found in _LABEL.finditer(line))


def _label_value_is_marked(value: str) -> bool:
    value = _DENIED.sub("", value)
    if _letters(value) in _VALUE or _letters(fold(value)) in {"toimat", "tuyetmat"}:
        return True
    return bool(_STRONG.search(value) or _WEAK.search(" ".join(value.split())))


def _letters(text: str) -> str:
    """Only the letters, so stamps such as `*** M Ậ T ***` and `TỐI_MẬT` are read."""
    return "".join(character for character in text.casefold() if character.isalpha())

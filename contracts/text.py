"""Which text may enter: Vietnamese in NFC, no control, bidirectional or zero-width characters, bounded lengths."""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

TYPE_PATTERN: Final = r"^phoihop\.[A-Za-z]+\.v[0-9]+$"
"""The type of an event, such as `phoihop.ReportAccepted.v1`."""
TOKEN_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,31}$"  # noqa: S105 - a subject token, no secret

_FORBIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """The text in NFC; raises `text.forbidden_character` naming the first character that could hide or forge text."""
    if text.isprintable():  # nothing forbidden is, nor is a line break: most texts need no search
        return unicodedata.normalize("NFC", text)
    text = text.replace("\r\n", "\n")
    if found := _FORBIDDEN.search(text):
        raise PydanticCustomError(
            "text.forbidden_character",
            "character U+{code} at position {position} is not allowed",
            {"code": f"{ord(found.group()):04X}", "position": found.start()},
        )
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """As `clean`, and the text stays on one line without outer blanks."""
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("text.forbidden_character", "line breaks and tabs are not allowed here")
    if not (line := clean(text).strip()):
        raise PydanticCustomError("field.missing", "the text is blank")
    return line


def fold(text: str) -> str:
    """The search key of a Vietnamese text: lower case, no tone or vowel marks, đ as d, every blank single."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'").split())


Token = Annotated[str, StringConstraints(pattern=TOKEN_PATTERN)]
"""A name that may stand in a subject: lower-case ASCII letters, digits and hyphens, at most 32."""

# The length counts before and after: NFC makes a few texts longer, and what was accepted must be readable by everybody.
_LINE_LENGTH: Final = StringConstraints(max_length=200)
_PARAGRAPH_LENGTH: Final = StringConstraints(max_length=8000)
_NOT_EMPTY: Final = StringConstraints(min_length=1)

Line = Annotated[str, _NOT_EMPTY, _LINE_LENGTH, AfterValidator(clean_line), _LINE_LENGTH]
Paragraph = Annotated[str, _NOT_EMPTY, _PARAGRAPH_LENGTH, AfterValidator(clean), _PARAGRAPH_LENGTH]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""

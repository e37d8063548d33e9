"""Takes out of a log record what must not be in it: secrets, wherever they stand, and the content of reports. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

REDACTED: Final = "[redacted]"
"""What stands where something was taken out."""
_SECRET_WORDS: Final = frozenset({
    "authorization", "cookie", "cookies", "credential", "credentials", "creds", "dsn", "jwt", "jwts", "nkey",
    "passphrase", "passwd", "password", "passwords", "pwd", "salt", "salts", "secret", "secrets", "seed", "seeds",
    "token", "tokens",
})  # fmt: skip
_CONTENT_WORDS: Final = frozenset({
    "bodies", "body", "content", "description", "headline", "instruction", "payload", "personal",
})  # fmt: skip
_TAKEN_OUT: Final = _SECRET_WORDS | _CONTENT_WORDS
_SECRET_PAIRS: Final = ("private_key", "signing_key", "secret_key", "api_key", "key_material")
_LONGEST: Final = 512
"""Of a secret in a text. A bound keeps the search linear in what strangers wrote."""

_IN_TEXT: Final = tuple(
    (re.compile(pattern, flags), put)
    for pattern, flags, put in (
        # RFC 3986: scheme://user:password@host, up to the last @, for a password may hold one unescaped
        (rf"(://[^\s/:@]{{0,256}}:)[^\s\"'<>]{{1,{_LONGEST}}}@", 0, rf"\1{REDACTED}@"),
        # libpq's `password=…`, and the same as text of a mapping
        (
            (
                r"\b((?:ssl)?(?:password|passwd|passphrase|pwd|secret|token|seed)[\"']?\s{0,4}[=:]\s{0,4})"
                rf"(?:'[^']{{0,{_LONGEST}}}'|\"[^\"]{{0,{_LONGEST}}}\"|[^\s,;&\"']{{1,{_LONGEST}}})"
            ),
            re.IGNORECASE,
            rf"\1{REDACTED}",
        ),
        (r"\bS[UANOCX][A-Z2-7]{56}\b", 0, REDACTED),  # the seed of an nkey
        (r"\beyJ[\w-]{8,4096}\.[\w-]{8,4096}\.[\w-]{8,4096}", 0, REDACTED),  # RFC 7519, signed
        (r"\bPRIVATE\+KEY\+[^\s\"']{1,512}", 0, REDACTED),  # the signing key of a signed note
        (r"(-----BEGIN [A-Z ]{0,40}(?:KEY|SEED)-----)[^-]{1,8192}", 0, rf"\1{REDACTED}"),
        (r"(input_value=).{0,400}?(?=, input_type=)", 0, rf"\1{REDACTED}"),  # pydantic quotes what it refused
        (r"(Failing row contains )[^\n]{1,8192}", 0, rf"\1{REDACTED}"),  # Postgres quotes the row
        (r"(\[parameters: )[^\n]{1,8192}", 0, rf"\1{REDACTED}]"),  # SQLAlchemy quotes what it sent
    )
)


def redacted(record: Mapping[str, Any]) -> dict[str, Any]:
    """The same record without secrets and content: whole fields by their name, the rest by what stands in texts."""
    return {str(name): REDACTED if _hides(name) else _without(value) for name, value in record.items()}


def redacted_text(text: str) -> str:
    """The text without passwords, seeds, tokens and quoted input."""
    for pattern, put in _IN_TEXT:
        text = pattern.sub(put, text)
    return text


def _hides(name: object) -> bool:
    spelled = str(name).lower().replace("-", "_")
    return not _TAKEN_OUT.isdisjoint(spelled.split("_")) or any(pair in spelled for pair in _SECRET_PAIRS)


def _without(value: Any) -> Any:  # noqa: ANN401  # a log call may be given anything
    match value:
        case str():
            return redacted_text(value)
        case bytes() | bytearray() | memoryview():
            return f"{REDACTED} ({len(value)} bytes)"
        case Mapping():
            return redacted(value)
        case list() | tuple() | set() | frozenset():
            return [_without(one) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redacted_text(repr(value))  # as the renderer writes what has no JSON form

"""One-time codes: how they are drawn, written, read back and known by their hash. Pure, but for drawing."""

import hashlib
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is taken for a digit or for another."""
LENGTH: Final = 12
"""60 bits: with ten tries a minute and a quarter of an hour nobody guesses one."""
_GROUP: Final = 4
_ALIKE: Final = str.maketrans("OIL", "011", " -‐‑–\t")  # noqa: RUF001  # whatever hyphen a keyboard gives
_LONGEST: Final = 64


def drawn() -> str:
    """A fresh code as people read it: `XXXX-XXXX-XXXX`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def id_of(typed: str) -> str | None:
    """What a code is known by, however it was typed; None for what cannot be one."""
    code = typed[:_LONGEST].upper().translate(_ALIKE)
    if len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return None
    return hashlib.sha256(f"phoihop access code {code}".encode()).hexdigest()[:32]

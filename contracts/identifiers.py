"""The only maker of identities: time-ordered for what people start, derived for what follows from something known."""

from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid5, uuid7

_PHOIHOP: Final = UUID("6f0d3c52-9a0e-5c1b-8d57-1f6a0c8f2e11")


def new_id() -> UUID:
    """A fresh UUIDv7 for something a person or a process starts: a report, an action, a submission."""
    return UUID(int=uuid7().int)


def derived_id(*parts: UUID | str) -> UUID:
    """The same parts always give the same id (UUIDv5), so a redelivered message yields byte-identical events.

    Parts are joined with U+001F, which no token of ours may contain, so no two part lists collide.
    """
    return uuid5(_PHOIHOP, "\x1f".join(str(part) for part in parts))

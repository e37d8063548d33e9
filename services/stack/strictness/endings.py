"""Finds keys and certificates of a home that end soon, or have ended. It opens no key."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from services.stack.identity.keeping import BrokenBookError, Keeping
from services.stack.strictness.promises import Breach, Promise


def endings(home: Path, before: datetime) -> list[Breach]:
    """What ends before this time."""
    return list(_endings(Keeping(home), before))


def _endings(keeping: Keeping, before: datetime) -> Iterator[Breach]:
    try:
        for what, end in keeping.encryption.endings().items():
            if end <= before:
                yield _breach(what, end)
        for member in keeping.book().ending(before):
            yield _breach(member.identity.name, min(filter(None, (member.until, member.certified_until))))
    except (OSError, ValueError, BrokenBookError) as error:
        yield Breach(Promise.ENDINGS, f"{keeping.home}: {error}")


def _breach(what: str, end: datetime) -> Breach:
    return Breach(Promise.ENDINGS, f"{what}: {end:%Y-%m-%d}")

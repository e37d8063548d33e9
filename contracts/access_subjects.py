"""Where ways in over HTTP are kept: for each section and id that a code was made, was used, and that it all ended."""

from typing import Final

from contracts.codes import Space

ALL_ACCESS: Final = ("access.offered.*.*", "access.opened.*.*", "access.ended.*.*")

ALL_CHANGES: Final = f"{Space.ACTUAL.value}.access.*"
"""What the operator did about ways in, as facts."""


def offered(section: str, access: str) -> str:
    """A one-time code for one section, known by its hash alone."""
    return f"access.offered.{section}.{access}"


def opened(section: str, access: str) -> str:
    """That it was used; the first message here is the only one."""
    return f"access.opened.{section}.{access}"


def ended(section: str, access: str) -> str:
    """That what it opened, or any other session, is over."""
    return f"access.ended.{section}.{access}"


def changes(access: str) -> str:
    """What the operator did about one way in; one subject each, so that 'first' can be expected."""
    return f"{Space.ACTUAL.value}.access.{access}"

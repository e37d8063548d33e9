"""Where ways in over HTTP are kept: for each section and id that a code was made, was used, and that it all ended."""

from typing import Final

ALL_ACCESS: Final = ("access.offered.*.*", "access.opened.*.*", "access.ended.*.*")


def offered(section: str, access: str) -> str:
    """A one-time code for one section, known by its hash alone."""
    return f"access.offered.{section}.{access}"


def opened(section: str, access: str) -> str:
    """That it was used; the first message here is the only one."""
    return f"access.opened.{section}.{access}"


def ended(section: str, access: str) -> str:
    """That what it opened, or any other session, is over."""
    return f"access.ended.{section}.{access}"

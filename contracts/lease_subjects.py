"""Where the one of several instances of a service that works says so."""

from typing import Final

ALL_LEASES: Final = "lease.*"


def lease(service: str) -> str:
    """Of one service."""
    return f"lease.{service}"

"""Fetches the deployment's boundaries where a file is named; without one the geometry library is never loaded."""

from pathlib import Path

from contracts.register import Register
from services.routing.regulations.facts import Locates


def boundaries_in(file: Path | None, register: Register) -> Locates | None:
    """The boundaries in the file, or none. Raises `services.runtime.documents.DocumentError`."""
    if file is None:
        return None
    from services.runtime.boundaries import load_boundaries  # noqa: PLC0415 - geometry is loaded only where it is used

    return load_boundaries(file, register)

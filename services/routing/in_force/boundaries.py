"""Fetches the deployment's boundaries where a file is named; most deployments have none."""

from pathlib import Path

from contracts.register import Register
from services.routing.regulations.engine.facts import Locates
from services.runtime.register.boundaries import load_boundaries


def boundaries_in(file: Path | None, register: Register) -> Locates | None:
    """The boundaries in the file, or none. Raises `services.runtime.documents.DocumentError`."""
    return None if file is None else load_boundaries(file, register)

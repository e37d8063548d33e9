"""Where one desk asks the hub for what the server gives nobody by itself; the desk is named in the subject."""

from typing import Final

from contracts.codes import Space

ALL_DURABLES_ASKED: Final = "desk.durable.*.*.*"
ALL_RECORDS_ASKED: Final = "desk.record.*.*.*.*"


def desk_durable(space: Space, agency: str, desk: str) -> str:
    """Where one desk, and nobody else, asks for its durable to be there."""
    return f"desk.durable.{space.value}.{agency}.{desk}"


def desk_record(space: Space, agency: str, desk: str, part: str) -> str:
    """Where one desk, and nobody else, reads what is on record for it, by the name of the part."""
    return f"desk.record.{space.value}.{agency}.{desk}.{part}"

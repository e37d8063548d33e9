"""Where one desk asks the hub for what the server gives nobody by itself; the desk is named in the subject."""

from typing import Final

from contracts.codes import Space

ALL_DURABLES_ASKED: Final = "desk.durable.*.*.*"
ALL_RECORDS_ASKED: Final = "desk.record.*.*.*.*"
ALL_ATTACHMENTS_ASKED: Final = "desk.attachments.*.*.*.*"


def desk_durable(space: Space, agency: str, desk: str) -> str:
    """Where one desk, and nobody else, asks for its durable to be there."""
    return f"desk.durable.{space.value}.{agency}.{desk}"


def desk_record(space: Space, agency: str, desk: str, part: str) -> str:
    """Where one desk, and nobody else, reads what is on record for it, by the name of the part."""
    return f"desk.record.{space.value}.{agency}.{desk}.{part}"


def desk_attachments(space: Space, agency: str, desk: str, incident: str) -> str:
    """Where one desk, and nobody else, asks for the photographs of an incident that was dispatched to it."""
    return f"desk.attachments.{space.value}.{agency}.{desk}.{incident}"

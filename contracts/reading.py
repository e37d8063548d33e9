"""Who read recorded content: the auditor's own trace in the record. It says nothing about what was learned."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from contracts.frozen import Contract
from contracts.text import Line


class AuditRead(Contract):
    """Recorded content was asked for; handed in before any of it is shown, or kept in a journal until it can be."""

    login: Line
    """The login that the ledger's database admitted. Which person used it, only `reader` says."""
    reader: Line | None = None
    """Post and body of who sits there, as the deployment names them; never a person file."""
    command: Line
    """What was typed, without its options: `ledger export`."""
    sought: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    """What was asked for, as `name=value`."""
    read_at: AwareDatetime
    """The clock of the reader's machine."""
    journaled: bool = False
    """The hub could not be reached then: this was kept on the reader's machine and handed in later."""

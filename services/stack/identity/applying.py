"""Takes a change of identities to the running server and onto the record; what cannot be told now is told later."""

from dataclasses import dataclass

from contracts.identity import OPERATOR
from services.runtime.credentials import key_file
from services.runtime.embedded.local_stack import running_stack
from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
from services.runtime.sending import connection
from services.stack.identity.keeping import Keeping
from services.stack.identity.telling import record, reload_server


@dataclass(frozen=True, slots=True)
class Applied:
    """How far a change has come."""

    reloaded: bool
    """The local stack's server goes by it; False where none runs here."""
    recorded: int
    """Changes that went on record, earlier ones included."""
    waiting: int
    """Changes that the hub has yet to be told."""


async def apply(keeping: Keeping) -> Applied:
    """Has the server go by the book, then the hub record it. Raises `NotReloadedError`."""
    reloaded = await reload_server(keeping.home)
    recorded = await _recorded(keeping)
    return Applied(reloaded, recorded, len(keeping.book().unrecorded))


async def _recorded(keeping: Keeping) -> int:
    if (state := running_stack(keeping.home)) is None:
        return 0
    try:
        async with connection(state.nats_url, key_file(keeping.home, OPERATOR)) as client:
            return await record(client, keeping)
    except (BusUnavailableError, JetStreamRefusedError):
        return 0  # the change waits in the book and goes on record with the next one, or at the next start

"""Where a command finds the servers: what the settings name, else the local stack that runs here, else the defaults."""

from pydantic import TypeAdapter, ValidationError

from contracts.subjects import Origin
from contracts.text import Token
from services.runtime.embedded.local_stack import running_stack
from services.runtime.settings import RuntimeSettings


def bus_url(settings: RuntimeSettings) -> str:
    """The NATS address to use."""
    if "nats_url" not in settings.model_fields_set and (stack := running_stack(settings.home)):
        return stack.nats_url
    return settings.nats_url


def bus_creds(settings: RuntimeSettings) -> str | None:
    """The credentials file to use, if any."""
    return str(settings.nats_creds) if settings.nats_creds else None


def origin(text: str) -> Origin | None:
    """`AGENCY/UNIT` or `AGENCY/DESK` as people write it; None when it is not that."""
    try:
        return Origin(*TypeAdapter(tuple[Token, Token]).validate_python(tuple(text.split("/"))))
    except ValidationError:
        return None

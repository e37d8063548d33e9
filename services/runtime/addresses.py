"""Where a command finds the servers: what the settings name, else the local stack that runs here, else the defaults."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contracts.identity import Identity
from contracts.subjects import Origin
from contracts.text import Token
from services.runtime.credentials import key_file
from services.runtime.embedded.local_stack import running_stack
from services.runtime.settings import RuntimeSettings


def bus_url(settings: RuntimeSettings) -> str:
    """The NATS address to use."""
    if "nats_url" not in settings.model_fields_set and (stack := running_stack(settings.home)):
        return stack.nats_url
    return settings.nats_url


def bus_creds(settings: RuntimeSettings, who: Identity) -> Path | None:
    """The file that proves who connects: what the settings name, else the key of `who` that the local stack keeps."""
    if settings.nats_creds is not None:
        return settings.nats_creds
    kept = key_file(settings.home, who)
    return kept if kept.exists() else None


def origin(text: str) -> Origin | None:
    """`AGENCY/UNIT` or `AGENCY/DESK` as people write it; None when it is not that."""
    try:
        return Origin(*TypeAdapter(tuple[Token, Token]).validate_python(tuple(text.split("/"))))
    except ValidationError:
        return None

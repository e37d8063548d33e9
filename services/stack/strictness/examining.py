"""Holds a configuration against its promises, one check per promise, each with its fix. It changes nothing."""

import asyncio
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import asyncpg

from services.runtime.clock import now
from services.runtime.credentials import identity_folder
from services.runtime.embedded.local_stack import running_stack
from services.runtime.embedded.nats import find_nats_server
from services.runtime.embedded.process import ServerUnavailableError
from services.runtime.redaction import redacted_text
from services.runtime.terminal import Language
from services.stack.check import Check, checked
from services.stack.identity.encryption import SOON
from services.stack.settings import StackSettings, inherited_environment
from services.stack.strictness.bus import breaches
from services.stack.strictness.endings import endings
from services.stack.strictness.ledger_rights import too_many_rights
from services.stack.strictness.places import key_folders, open_keys, told_secrets
from services.stack.strictness.promises import FIXES, Breach, Promise
from services.stack.strictness.server_file import UnreadableConfigurationError, Value, block, read
from services.stack.strictness.signed_form import as_written, is_operated

_BUS: Final = (
    Promise.NKEYS,
    Promise.PERMISSIONS,
    Promise.SUBJECTS,
    Promise.CROSSINGS,
    Promise.JETSTREAM,
    Promise.LISTENING,
    Promise.DURABILITY,
    Promise.LIMITS,
)
_SHOWN: Final = 5
_SECONDS: Final = 10


async def strict(settings: StackSettings, configuration: Path | None, language: Language) -> list[Check]:
    """Checks of the given server configuration, else the local stack's if it has one; of keys, roles and variables."""
    place = configuration or settings.home / "nats" / "nats.conf"
    checks: list[Check] = []
    files = [path for path in (settings.nats_creds,) if path]
    if configuration or place.exists():
        try:
            told = await asyncio.to_thread(read, place)
        except UnreadableConfigurationError as error:
            checks.append(_said(Promise.SYNTAX, [Breach(Promise.SYNTAX, str(error))], language))
        else:
            checks += await asyncio.to_thread(lambda: list(_of_the_bus(place, told, settings.home, language)))
            files += _tls_keys(place, told)
    checks.append(_said(Promise.KEY_FILES, open_keys(key_folders(settings.home), files), language))
    checks.append(_said(Promise.ENDINGS, await asyncio.to_thread(endings, settings.home, now() + SOON), language))
    checks.append(_said(Promise.ENVIRONMENT, told_secrets(inherited_environment()), language))
    return [*checks, *await _of_the_ledger(settings, language)]


def _of_the_bus(place: Path, told: dict[str, Value], home: Path, language: Language) -> Iterator[Check]:
    yield _said(Promise.SYNTAX, _refused(place), language)
    found = _signed(place, told, home) if is_operated(told) else breaches(told)
    for promise in _BUS:
        yield _said(promise, [one for one in found if one.promise is promise], language)


def _signed(place: Path, told: dict[str, Value], home: Path) -> list[Breach]:
    """With what a running server was told since, and with the signed files that lie at this home."""
    folder = place.parent / str(block(told, "resolver").get("dir", "jwt"))
    stored = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.jwt"))]
    creds = sorted((identity_folder(home) / "jwt" / "creds").glob("*.creds"))
    users = [path.read_text(encoding="utf-8").splitlines()[1] for path in creds]
    written = as_written(told, stored, users)
    return sorted([*written.breaches, *breaches(written.settings, signed=True)])


def _refused(place: Path) -> Iterator[Breach]:
    """What the server itself says of the file."""
    try:
        command = [str(find_nats_server()), "-t", "-c", str(place)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (ServerUnavailableError, OSError, subprocess.SubprocessError) as error:
        yield Breach(Promise.SYNTAX, str(error))
        return
    if answer.returncode:
        yield Breach(Promise.SYNTAX, redacted_text((answer.stderr or answer.stdout).strip()))


def _tls_keys(place: Path, told: dict[str, Value]) -> list[Path]:
    parts = (told, *(block(told, name) for name in ("cluster", "leafnodes", "leaf", "gateway", "websocket", "mqtt")))
    keys = (block(part, "tls").get("key_file") for part in parts)
    return [place.parent / key for key in keys if isinstance(key, str)]


async def _of_the_ledger(settings: StackSettings, language: Language) -> list[Check]:
    stack = running_stack(settings.home)
    dsn = stack.postgres_dsn if stack else settings.postgres_dsn
    if not dsn:
        return []
    try:
        found = await too_many_rights(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        found = [Breach(Promise.LEDGER_ROLES, redacted_text(str(error)) or type(error).__name__)]
    return [] if found is None else [_said(Promise.LEDGER_ROLES, found, language)]


def _said(promise: Promise, found: Iterable[Breach], language: Language) -> Check:
    places = [one.where for one in found]
    more = [f"… +{len(places) - _SHOWN}"] if len(places) > _SHOWN else []
    return checked(promise.value, not places, "; ".join([*places[:_SHOWN], *more]), language.pick(*FIXES[promise]))

"""Decides where a configuration of nats-server breaks what the bus promises. Pure: settings in, breaches out."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from services.stack.identity.scheme import CORE
from services.stack.strictness.promises import Breach, Promise
from services.stack.strictness.server_file import Value, block, blocks, named
from services.stack.strictness.subjects_allowed import too_wide

LARGEST_PAYLOAD: Final = 256 * 1024
_OLDEST_TLS: Final = "1.3"
_PORTS: Final = ("listen", "host", "net", "port")


Settings = Mapping[str, Value]


def breaches(settings: Settings, *, signed: bool = False) -> list[Breach]:
    """Every breach, promise by promise; none: the configuration is as strict as promised.

    `signed`: users come with claims of their own and need not stand here; whoever has none is let in nowhere.
    """
    accounts = {name: body for name, body in block(settings, "accounts").items() if isinstance(body, dict)}
    found = [*_strangers(settings), *_listening(settings), *_durability(settings), *_limits(settings)]
    if not signed and not any(list(blocks(account, "users")) for account in accounts.values()):
        found.append(Breach(Promise.NKEYS, "accounts: no users, so whoever reaches the port may do anything"))
    for name, account in accounts.items():
        for user in blocks(account, "users"):
            found += _user(name, user)
        found += _account(name, account, str(named(settings, "system_account", "system") or ""))
    return sorted(found)


def _strangers(settings: Settings) -> Iterator[Breach]:
    """Ways in without a key of one's own."""
    for key in ("no_auth_user", "authorization", "operator", "operators", "trusted", "trusted_keys", "auth_callout"):
        if named(settings, key) is not None:
            yield Breach(Promise.NKEYS, key)


def _user(account: str, user: Settings) -> Iterator[Breach]:
    key = named(user, "nkey")
    where = f"{account}: {key or named(user, 'user', 'username') or '?'}"
    if not key or named(user, "password", "pass", "token") is not None:
        yield Breach(Promise.NKEYS, where)
    permissions = block(user, "permissions", "permission")
    for way, names in {"publish": ("publish", "pub", "import"), "subscribe": ("subscribe", "sub", "export")}.items():
        allowed = _allowed(named(permissions, *names))
        if allowed is None:
            yield Breach(Promise.PERMISSIONS, f"{where}: {way}")
        for subject in allowed or ():
            if too_wide(subject, str(key), in_core=account == CORE):
                yield Breach(Promise.SUBJECTS, f"{where}: {way} {subject}")
    if account != CORE and named(permissions, "allow_responses", "allow_publish_response"):
        yield Breach(Promise.PERMISSIONS, f"{where}: allow_responses")


def _allowed(said: Value | None) -> list[str] | None:
    """What is allowed; None where nothing restricts it. Only a denial of everything needs no list beside it."""
    if not isinstance(said, dict):
        return _subjects(said)
    allowed = _subjects(named(said, "allow"))
    return [] if allowed is None and ">" in (_subjects(named(said, "deny")) or ()) else allowed


def _subjects(said: Value | None) -> list[str] | None:
    match said:
        case str():
            return [said]
        case list():
            return [str(one) for one in said]
        case _:
            return None


def _account(name: str, account: Settings, system: str) -> Iterator[Breach]:
    if name == CORE:
        if named(account, "jetstream") is None:
            yield Breach(Promise.JETSTREAM, f"{CORE}: off")
    elif named(account, "jetstream") not in (None, False, "disabled"):
        yield Breach(Promise.JETSTREAM, name)
    yield from _crossings(name, account)
    if name not in {CORE, system}:
        limits = block(account, "limits")
        for names in (("max_connections", "max_conn"), ("max_subscriptions", "max_subs"), ("max_payload", "max_pay")):
            if not _limited(named(limits, *names)):
                yield Breach(Promise.LIMITS, f"{name}: {names[0]}")


def _crossings(name: str, account: Settings) -> Iterator[Breach]:
    for offer in blocks(account, "exports"):
        subject = str(named(offer, "service", "stream"))
        if name != CORE or subject.split(".", maxsplit=1)[0] in {">", "*"}:
            yield Breach(Promise.CROSSINGS, f"{name}: exports {subject}")
    for take in blocks(account, "imports"):
        source = block(take, "service", "stream")
        if named(source, "account") != CORE or str(named(source, "subject")).split(".")[0] in {">", "*"}:
            yield Breach(Promise.CROSSINGS, f"{name}: imports {named(source, 'subject')} of {named(source, 'account')}")


def _listening(settings: Settings) -> Iterator[Breach]:
    if not _at_home(settings) and not _encrypted(settings):
        yield Breach(Promise.LISTENING, "clients")
    for part in ("cluster", "leafnodes", "leaf", "gateway", "websocket", "mqtt"):
        own = block(settings, part)
        if any(named(own, name) is not None for name in _PORTS) and not _at_home(own) and not _encrypted(own):
            yield Breach(Promise.LISTENING, part)
    for name in ("http", "https", "http_port", "https_port", "monitor_port", "prof_port"):
        said = named(settings, name)
        by_port = name.endswith("_port") and not _at_home(settings)
        if said is not None and (by_port or (not name.endswith("_port") and not _loopback(_host(str(said))))):
            yield Breach(Promise.LISTENING, name)


def _at_home(part: Settings) -> bool:
    listen = named(part, "listen")
    return _loopback(_host(str(listen)) if listen is not None else str(named(part, "host", "net") or ""))


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _encrypted(part: Settings) -> bool:
    tls = block(part, "tls")
    plain = named(part, "no_tls") is True or named(part, "allow_non_tls") is True
    there = bool(named(tls, "cert_file")) and bool(named(tls, "key_file"))
    return there and not plain and str(named(tls, "min_version")) == _OLDEST_TLS


def _durability(settings: Settings) -> Iterator[Breach]:
    if named(block(settings, "jetstream"), "sync_interval", "sync") != "always":
        yield Breach(Promise.DURABILITY, "jetstream: sync_interval")


def _limits(settings: Settings) -> Iterator[Breach]:
    payload = named(settings, "max_payload")
    if not _limited(payload) or int(str(payload)) > LARGEST_PAYLOAD:
        yield Breach(Promise.LIMITS, "max_payload")


def _limited(said: Value | None) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and said > 0

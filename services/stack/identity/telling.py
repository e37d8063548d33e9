"""Makes a change of identities take effect: the running server reads its accounts again, and the hub records it."""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from nats.aio.client import Client

from contracts import subjects
from contracts.envelope import Event, schema_of, type_of
from contracts.identifiers import derived_id
from contracts.identity import HUB, IdentityChanged
from contracts.streams import EVENTS
from services.runtime.clock import monotonic
from services.runtime.embedded.local_stack import running_stack
from services.runtime.embedded.nats import published_ports
from services.runtime.jetstream import last_on_subject
from services.runtime.publishing import MAX_BATCH, Expectation, Fact, Publisher, Stale
from services.stack.identity.keeping import Keeping

SOURCE: Final = "/phoihop/identity"
RELOAD_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.02
_TRIES: Final = 10
DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Never by way of a proxy that the environment names."""


class NotReloadedError(Exception):
    """The server still goes by its old accounts. Next: look into its log."""


async def reload_server(home: Path) -> bool:
    """The local stack's server goes by the accounts as they are now when this returns; False where none runs.

    Connections of identities that did not change are not disturbed. Raises `NotReloadedError`.
    """
    state = running_stack(home)
    process = state.process("nats") if state else None
    if process is None or process.pid is None:
        return False
    await reload_process(process.pid, home / "nats")
    return True


async def reload_process(pid: int, server_home: Path) -> None:
    """The same for a server by its process and folder."""
    if (ports := published_ports(pid, server_home / "ports")) is None:
        raise NotReloadedError(f"no addresses of nats-server {pid}")
    # nats-server 2.15.1 takes a new account's imports to the services of others only when it reads them once more
    for _ in range(2):
        await _reload(pid, ports["monitoring"][0])


async def _reload(pid: int, monitor: str) -> None:
    before = await asyncio.to_thread(_loaded, monitor)
    os.kill(pid, signal.SIGHUP)
    end = monotonic() + RELOAD_SECONDS
    while await asyncio.to_thread(_loaded, monitor) == before:
        if monotonic() > end:
            raise NotReloadedError(f"nats-server {pid} did not take its accounts")
        await asyncio.sleep(_LOOK_SECONDS)


async def record(client: Client, keeping: Keeping) -> int:
    """Has the hub record every change that it does not hold yet; how many. Doing it again is safe.

    Raises `BusUnavailableError`.
    """
    waiting = sorted(keeping.book().unrecorded, key=lambda change: change.identity.agency or HUB)
    for _, changes in groupby(waiting, key=lambda change: change.identity.agency or HUB):
        events = [_event(change) for change in changes]
        for start in range(0, len(events), MAX_BATCH):
            part = events[start : start + MAX_BATCH]
            await _record(client, part)
            keeping.recorded(event.data for event in part)
    return len(waiting)


async def _record(client: Client, events: Sequence[Event[IdentityChanged]]) -> None:
    """All of them in order, but for those that an attempt whose answer was lost has recorded."""
    subject = events[0].subject
    for _ in range(_TRIES):
        last = await last_on_subject(client, EVENTS.name, subject)
        there = str(json.loads(last.body)["id"]) if last else None
        done = next((at for at, event in enumerate(events, start=1) if str(event.id) == there), 0)
        if not (left := events[done:]):
            return
        expect = Expectation(subject, last.sequence if last else 0)
        facts = [Fact(event.subject, event.to_bytes(), event.type) for event in left]
        facts[0] = Fact(facts[0].subject, facts[0].body, facts[0].event_type, expect)
        if not isinstance(await Publisher(client).record(facts), Stale):
            return
    raise NotReloadedError(f"others keep recording on {subject}")


def _event(change: IdentityChanged) -> Event[IdentityChanged]:
    key = change.key or change.previous or ""
    cause = derived_id("identity", change.identity.name, change.change.value, key)
    return Event[IdentityChanged](
        id=derived_id(cause, "recorded"),
        source=SOURCE,
        type=type_of(IdentityChanged),
        subject=subjects.identity(change.identity.agency or HUB),
        time=change.changed_at,
        dataschema=schema_of(IdentityChanged),
        correlationid=cause,
        causationid=cause,
        data=change,
    )


def _loaded(monitor: str) -> Any:  # noqa: ANN401  # the server's own text
    """When the server last read its configuration, as it says."""
    with DIRECT.open(f"{monitor}/varz", timeout=RELOAD_SECONDS) as answer:
        return json.load(answer)["config_load_time"]

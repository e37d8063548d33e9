"""Material for tests of checkpoints: a hub's bus, witnesses on it, a superuser who cuts, commands as typed."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from nats.aio.client import Client
from typer.testing import CliRunner, Result

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.notary.key_files import LogKeys
from services.audit.notary.signing import Kept, Notary
from services.audit.store import Ledger
from services.audit.tlog.anchors import Anchor
from services.audit.tlog.cosigning import Quorum
from services.audit.tlog.notes import WitnessSigner
from services.audit.tlog.policies import Policy
from services.audit.witness.answering import Witness
from services.audit.witness.doors import nats_door
from services.audit.witness.states import States
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.sending import connection

ORIGIN = "phoihop.example/hub"
TIME = 1_795_000_000
WITNESSES = {name: WitnessSigner(f"{name}.example", name.encode().ljust(32, b".")) for name in ("a", "b", "c")}
QUORUM = Quorum({name: (signer.verifier,) for name, signer in WITNESSES.items()}, 2)
POLICY = Policy((), QUORUM, {name: f"nats:{name}" for name in WITNESSES})


@pytest_asyncio.fixture
async def bus(fresh_nats: NatsServer) -> AsyncIterator[Client]:
    """A hub's NATS with its streams."""
    async with connection(fresh_nats.url) as client:
        await topology.apply(client)
        yield client


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def keys(home: Path) -> LogKeys:
    return LogKeys(ORIGIN, home / "keys" / "ledger.key", home / "keys" / "ledger.vkey", home / "checkpoints")


def notary_of(dsn: str, keys: LogKeys, client: Client | None, policy: Policy = POLICY) -> Notary:
    return Notary(dsn, keys, policy, keys.folder.parent / "alarms", lambda: client)


async def start_witness(name: str, keys: LogKeys, client: Client, folder: Path) -> Witness:
    signer, _ = keys.current()
    states = States(folder / f"{name}.db")
    states.prepare()
    logs = {ORIGIN: (signer.verifier,)}
    witness = Witness((WITNESSES[name],), logs, states, folder / "alarms", lambda: TIME)
    await nats_door(witness, client, name)
    return witness


def sizes(anchors: Iterable[Anchor]) -> set[int]:
    return {found.size for anchor in anchors if (found := anchor.checkpoint)}


@dataclass(frozen=True)
class Scene:
    """A ledger under attack, and everything that remembers it."""

    ledger: Ledger
    superuser: Connection
    keys: LogKeys
    bus: Client
    url: str


@pytest.fixture
def scene(ledger: Ledger, superuser: Connection, keys: LogKeys, bus: Client, fresh_nats: NatsServer) -> Scene:
    return Scene(ledger, superuser, keys, bus, fresh_nats.url)


async def made(notary: Notary) -> Kept:
    kept_now = await notary.checkpoint()
    assert isinstance(kept_now, Kept), kept_now
    return await notary.settle(kept_now)


async def typed(dsn: str, *words: str, text: str | None = None) -> Result:
    words = (*words, "--dsn", dsn, "--json")
    return await asyncio.to_thread(lambda: CliRunner().invoke(commands, list(words), input=text))


def document(result: Result) -> Any:
    return json.loads(result.stdout)


async def cut(superuser: Connection, size: int) -> None:
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off")
    for row in await superuser.fetch(
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relkind IN ('r', 'p')"
    ):
        await superuser.execute(f"ALTER TABLE {row[0]} DISABLE TRIGGER ALL")
    await superuser.execute(f"DELETE FROM audit.entry WHERE idx >= {size}")  # noqa: S608
    await superuser.execute(f"DELETE FROM audit.position WHERE size > {size}")  # noqa: S608

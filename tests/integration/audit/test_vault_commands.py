"""`phoihop ledger personal parked | rotate-vault-key` on a real bus: listed without content, handed in again, kept."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import pytest_asyncio
from nats.aio.client import Client
from typer.testing import CliRunner

from contracts import subjects
from contracts.codes import Space
from contracts.personal import Opening, Openings, PersonalKind
from contracts.streams import AUDIT_SEALED, INBOX, INTAKE, PARKED, SEALED, STREAMS
from contracts.subjects import Origin
from services.audit.commands.ledger_cli import commands
from services.audit.personal.arrivals import PersonalArrivals
from services.audit.personal.vault_keys import VaultKeys
from services.intake.vault import HandOver, Vault
from services.runtime import topology
from services.runtime.broker import Bus
from services.runtime.embedded.nats import NatsServer
from services.runtime.failures import REASON, SUBJECT, FailurePolicy
from services.runtime.publishing import SEQUENCE, Publisher
from services.runtime.sealing import VaultLock
from services.runtime.sending import connection

ORIGIN = Origin("kl-h-yen-the", "tram-xuan-luong")
FINISH = ("rotate-vault-key", "--finish", "--grace", "0")
NAME = "Nguyễn Văn A 0905 123 456"


class Kept:
    """Takes values as the database would."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def keep(self, batch: Sequence[Openings], _kept_at: datetime) -> None:
        self.names += [one.value for values in batch for one in values.openings]

    async def close(self) -> None:
        """Nothing is open."""


class Hub:
    """The streams, intake's vault and the audit's side of it, on one home."""

    def __init__(self, client: Client, home: Path) -> None:
        self.client, self.keys = client, home / "keys"
        bus = cast("Bus", SimpleNamespace(client=client, publisher=Publisher(client)))
        self.intake = Vault(bus, self.keys / "vault.pub")
        self.kept = Kept()
        self.audit = PersonalArrivals(bus, self.kept, VaultKeys(self.keys / "vault.key", self.keys / "vault.pub"))

    async def hand_over(self, number: int, name: str) -> None:
        opening = Opening(kind=PersonalKind.CASUALTY, salt="11" * 32, value=name)
        values = Openings(event=UUID(int=number), openings=(opening,))
        await self.intake.hand_over([HandOver(subjects.sealed(Space.ACTUAL, ORIGIN, UUID(int=number)), values)])

    async def work(self) -> None:
        """The audit takes what waits, as its service would: what it cannot take is parked."""
        subscription = await self.client.jetstream().pull_subscribe_bind(AUDIT_SEALED.durable, AUDIT_SEALED.stream)
        policy = FailurePolicy(AUDIT_SEALED, self.audit.on_sealed, lambda: Publisher(self.client))
        await policy.handle(await subscription.fetch(10, timeout=20))
        await subscription.unsubscribe()

    async def park_submission(self, body: bytes, lock: VaultLock) -> None:
        """As intake parks what no handler can digest."""
        told = {SUBJECT: subjects.report_inbox(*ORIGIN), SEQUENCE: "7", REASON: "ValueError in read"}
        await Publisher(self.client).park(INTAKE.stream, INTAKE.durable, told, lock.seal(body, "parked"))

    async def left(self, stream: str) -> int:
        return (await self.client.jetstream().stream_info(stream)).state.messages


@pytest_asyncio.fixture
async def hub(fresh_nats: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)
    async with connection(fresh_nats.url) as client:
        await topology.apply(client, STREAMS, (AUDIT_SEALED, INTAKE))
        made = Hub(client, tmp_path / "home")
        await made.audit.start()
        yield made


async def typed(*words: str, expect: int = 0) -> Any:
    result = await asyncio.to_thread(CliRunner().invoke, commands, ["personal", *words, "--json"])
    assert result.exit_code == expect, result.output
    assert NAME not in result.output
    return json.loads(result.stdout) if expect == 0 else result.stderr


async def test_a_running_hub_follows_a_change_of_keys_and_the_old_key_goes_when_it_can(hub: Hub) -> None:
    """Breaks if a change needed a restart, lost a value on its way, or left a key that nobody needs on disk."""
    await hub.hand_over(1, "một")
    rotated = await typed("rotate-vault-key")
    assert [one["outcome"] for one in (await typed(*FINISH))["retired"]] == ["still_sealed"]
    await hub.hand_over(2, "hai")
    await hub.work()
    assert hub.kept.names == ["một", "hai"]
    (gone,) = (await typed(*FINISH))["retired"]
    assert (gone["outcome"], gone["key"] != rotated["key"]) == ("destroyed", True)
    assert await hub.left(SEALED.name) == 0
    await hub.hand_over(3, "ba")
    await hub.work()
    assert hub.kept.names[-1] == "ba"


async def test_a_key_stays_while_a_parked_submission_was_sealed_to_it(hub: Hub) -> None:
    old = VaultLock.read(hub.keys / "vault.pub")
    await hub.park_submission(NAME.encode(), old)
    await typed("rotate-vault-key")
    await hub.hand_over(1, "một")
    await hub.work()
    for outcome, words in (("still_sealed", ("parked", "--retry")), ("destroyed", ("parked",))):
        (one,) = (await typed(*FINISH))["retired"]
        assert (one["key"], one["outcome"]) == (old.key_id.hex(), outcome)
        await typed(*words)


async def test_what_is_parked_is_listed_without_its_content_and_handed_in_again(hub: Hub) -> None:
    """Breaks if a parked submission stayed sealed for ever, or its copy stayed after it was handed in."""
    await hub.park_submission(NAME.encode(), VaultLock.read(hub.keys / "vault.pub"))
    (row,) = (await typed("parked"))["parked"]
    told = {"stream": "PARKED", "kind": "submission", "reason": "ValueError in read", "opens": "yes"}
    assert row.items() >= (told | {"subject": subjects.report_inbox(*ORIGIN)}).items()
    assert (await hub.left(INBOX.name), await hub.left(PARKED.name)) == (0, 1)
    (again,) = (await typed("parked", "--retry"))["parked"]
    assert again["retried"] == "submission"
    assert (await hub.left(INBOX.name), await hub.left(PARKED.name)) == (1, 0)
    stored = await hub.client.jetstream().get_msg(INBOX.name, 1)
    assert (stored.data, stored.subject) == (NAME.encode(), subjects.report_inbox(*ORIGIN))
    assert (await typed("parked"))["parked"] == []


async def test_values_sealed_to_another_key_wait_and_are_taken_once_the_key_is_right(hub: Hub, tmp_path: Path) -> None:
    other = VaultKeys(tmp_path / "other.key", tmp_path / "other.pub").prepare()
    sealed = other.lock.seal(NAME.encode(), "x")
    subject = subjects.sealed(Space.ACTUAL, ORIGIN, UUID(int=1))
    values = Openings(event=UUID(int=1), openings=(Opening(kind="original", salt="11" * 32, value="eA=="),))
    parked = other.lock.seal(values.model_dump_json().encode(), subject)
    told = {SUBJECT: subject, SEQUENCE: "3", REASON: "NotSealedError"}
    await Publisher(hub.client).park(AUDIT_SEALED.stream, AUDIT_SEALED.durable, told, parked)
    await Publisher(hub.client).hand_over(subjects.sealed(Space.ACTUAL, ORIGIN, UUID(int=2)), sealed)
    rows = (await typed("parked", "--retry"))["parked"]
    assert [(one["stream"], one["kind"], one["opens"], one["retried"]) for one in rows] == [
        ("PARKED", "values", "other_key", "kept"),
        ("SEALED", "values", "other_key", "kept"),
    ]
    key_id = other.lock.key_id.hex()
    assert {one["key"] for one in rows} == {key_id}
    (hub.keys / f"vault.key.retired-{key_id}").write_bytes((tmp_path / "other.key").read_bytes())
    (hub.keys / f"vault.key.retired-{key_id}").chmod(0o600)
    (row,) = [one for one in (await typed("parked", "--retry"))["parked"] if one["stream"] == "PARKED"]
    assert (row["opens"], row["retried"]) == ("yes", "values")
    await hub.work()
    assert hub.kept.names == ["eA=="]


async def test_what_was_sealed_to_a_destroyed_key_is_parked_and_blocks_nobody(hub: Hub) -> None:
    """Breaks if one message that nobody can open any more kept every later value from being taken."""
    old = VaultLock.read(hub.keys / "vault.pub")
    await typed("rotate-vault-key")
    await hub.hand_over(1, "một")
    await hub.work()
    await typed(*FINISH)
    await Publisher(hub.client).hand_over(subjects.sealed(Space.ACTUAL, ORIGIN, UUID(int=2)), old.seal(b"{}", "x"))
    await hub.hand_over(3, "ba")
    await hub.work()
    assert hub.kept.names == ["một", "ba"]
    (row,) = (await typed("parked", "--retry"))["parked"]
    assert (row["opens"], row["retried"], row["key"]) == ("key_destroyed", "kept", old.key_id.hex())
    assert "DestroyedVaultError" in row["reason"]


async def test_the_commands_say_what_is_missing(monkeypatch: pytest.MonkeyPatch, hub: Hub, tmp_path: Path) -> None:
    shown = await asyncio.to_thread(CliRunner().invoke, commands, ["personal", "parked", "--lang", "en"])
    assert (shown.exit_code, shown.stdout) == (0, "Nothing that was sealed is parked.\n")
    await hub.park_submission(NAME.encode(), VaultLock.read(hub.keys / "vault.pub"))
    shown = await asyncio.to_thread(CliRunner().invoke, commands, ["personal", "parked", "--lang", "en"])
    assert "a key here opens it: --retry" in shown.stdout
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path / "elsewhere"))
    await typed("parked", expect=1)
    await typed("rotate-vault-key", expect=1)
    monkeypatch.setenv("PHOIHOP_NATS_URL", "nats://127.0.0.1:1")
    await typed("parked", expect=3)

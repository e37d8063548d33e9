"""The topology commands on a real nats-server: what is missing is made, what was changed is named and put right."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contracts.codes import Space
from contracts.streams import AUDIT, CONSUMERS, EVENTS, INBOX, INTAKE, STREAMS, desk_consumer
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import api
from services.runtime.sending import connection
from services.runtime.service import EXIT_CANNOT_START
from services.runtime.topology import TopologyDriftError, consumer_config, stream_config
from services.stack.parts import is_ready
from tests.integration.cli.commands import Ran, run
from tests.integration.http.hub import REFERENCE, Hub, running_hub


@pytest_asyncio.fixture
async def hub(server_folder: Path) -> AsyncIterator[Hub]:
    """A hub that a test may spoil."""
    async with running_hub(server_folder) as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PHOIHOP_REFERENCE", str(REFERENCE))
    monkeypatch.setenv("PHOIHOP_HOME", str(tmp_path))


async def test_what_was_applied_is_no_drift_and_applying_again_changes_nothing(fresh_nats: NatsServer) -> None:
    """The server adds defaults of its own; none of them may read as a difference for ever."""
    async with connection(fresh_nats.url) as client:
        made = await topology.apply(client)
        again = await topology.apply(client)

        assert {change.name for change in made} == {one.name for one in STREAMS} | {one.durable for one in CONSUMERS}
        assert {change.action for change in made} == {"create"}
        assert again == []
        await topology.check(client, STREAMS, CONSUMERS)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"max_bytes": 10**6}, {"max_bytes"}),
        ({"discard": "old"}, {"discard"}),
        ({"duplicate_window": 10**9}, {"duplicate_window"}),
        ({"max_age": 60 * 10**9, "duplicate_window": 60 * 10**9}, {"max_age", "duplicate_window"}),
        ({"allow_atomic": False}, {"allow_atomic"}),
        ({"allow_direct": False}, {"allow_direct"}),
        ({"subjects": ["actual.>"]}, {"subjects"}),
        ({"max_msgs_per_subject": 1}, {"max_msgs_per_subject"}),
    ],
    ids=min,
)
async def test_a_stream_that_somebody_changed_is_named_with_its_fields_and_put_right(
    fresh_nats: NatsServer, changed: dict[str, Any], named: set[str]
) -> None:
    async with connection(fresh_nats.url) as client:
        await topology.apply(client)
        await api(client, "STREAM.UPDATE.EVENTS", stream_config(EVENTS) | changed)

        found = await topology.diff(client)
        with pytest.raises(TopologyDriftError, match="phoihop topology apply"):
            await topology.check(client, (EVENTS,), ())
        await topology.apply(client)

        assert [(change.name, change.action) for change in found] == [("EVENTS", "update")]
        assert set(found[0].fields) == named
        assert await topology.diff(client) == []


@pytest.mark.parametrize(
    "changed", [{"ack_wait": 10**9}, {"max_ack_pending": 1}, {"max_deliver": 5}], ids=lambda value: next(iter(value))
)
async def test_a_consumer_that_somebody_changed_is_named_and_put_right(
    fresh_nats: NatsServer, changed: dict[str, Any]
) -> None:
    async with connection(fresh_nats.url) as client:
        await topology.apply(client)
        payload = {"stream_name": "INBOX", "config": consumer_config(INTAKE) | changed, "action": "update"}
        await api(client, "CONSUMER.DURABLE.CREATE.INBOX.intake", payload)

        found = await topology.diff(client)
        await topology.apply(client)

        assert [(change.name, set(change.fields)) for change in found] == [("intake", set(changed))]
        assert await topology.diff(client) == []


async def test_a_service_refuses_to_start_on_drift_and_says_what_to_type(hub: Hub) -> None:
    """Running on other settings would break promises silently, for example by dropping the oldest facts."""
    async with connection(hub.nats.url) as client:
        await api(client, "STREAM.UPDATE.INBOX", stream_config(INBOX) | {"max_msgs_per_subject": 1})
    await hub.serve("intake", ready=False)
    (child,) = hub.children

    assert await asyncio.wait_for(child.exited(), 30) == EXIT_CANNOT_START
    last = json.loads(child.output().splitlines()[-1])
    assert last["action"] == "cannot_start"
    assert "max_msgs_per_subject" in last["reason"]
    assert "phoihop topology apply" in last["reason"]


async def test_a_service_turns_red_when_its_consumer_is_deleted_under_it(hub: Hub) -> None:
    """FastStream would go on silently for ever; readiness must say so."""
    url = await hub.serve("intake")
    async with connection(hub.nats.url) as client:
        await api(client, "CONSUMER.DELETE.INBOX.intake")

    assert not await is_ready(url)


async def test_the_commands_make_what_is_missing_and_then_agree(
    fresh_nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", fresh_nats.url)

    missing = await _phoihop("topology", "diff", "--json")
    applied = await _phoihop("topology", "apply", "--json")
    agreed = await _phoihop("topology", "diff", "--json")

    assert (missing.code, applied.code, agreed.code) == (1, 0, 0)
    assert missing.document == applied.document
    assert {"kind": "stream", "name": "EVENTS", "action": "create", "fields": []} in missing.document["changes"]
    assert not [change for change in missing.document["changes"] if change["name"].startswith("desk_")]
    assert agreed.document == {"changes": []}
    assert "Máy chủ khớp với hợp đồng." in (await _phoihop("topology", "diff")).out


async def test_the_commands_name_what_was_changed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
    async with connection(hub.nats.url) as client:
        payload = {"stream_name": "EVENTS", "config": consumer_config(AUDIT) | {"ack_wait": 10**9}, "action": "update"}
        await api(client, "CONSUMER.DURABLE.CREATE.EVENTS.audit", payload)

    found = await _phoihop("topology", "diff", "--json")

    change = {"kind": "consumer", "name": "audit", "action": "update", "fields": ["ack_wait"]}
    assert (found.code, found.document) == (1, {"changes": [change]})


async def test_a_desks_durable_is_made_when_it_first_watches_and_kept_in_shape_from_then_on(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A country has more desks than a stream may have consumers; a desk that watched once must not drift either."""
    monkeypatch.setenv("PHOIHOP_NATS_URL", hub.nats.url)
    consumer = desk_consumer(Space.ACTUAL, "bca", "truc-ban")
    payload = {"stream_name": "EVENTS", "config": consumer_config(consumer) | {"ack_wait": 10**9}, "action": ""}
    async with connection(hub.nats.url) as client:
        await api(client, f"CONSUMER.DURABLE.CREATE.EVENTS.{consumer.durable}", payload)

    found = await _phoihop("topology", "apply", "--json")

    change = {"kind": "consumer", "name": consumer.durable, "action": "update", "fields": ["ack_wait"]}
    assert (found.code, found.document) == (0, {"changes": [change]})
    assert (await _phoihop("topology", "diff")).code == 0


@pytest.mark.parametrize("command", [["topology", "diff"], ["topology", "apply"], ["parked", "list"]])
async def test_without_a_server_a_command_says_so(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOIHOP_NATS_URL", "nats://127.0.0.1:9")

    ran = await _phoihop(*command, "--json", "--lang", "en")

    assert (ran.code, ran.out) == (3, "")
    assert "NATS cannot be reached." in ran.err


async def _phoihop(*arguments: object) -> Ran:
    """In a thread, since a command runs a loop of its own."""
    return await asyncio.to_thread(run, *arguments)

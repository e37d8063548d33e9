"""Three servers on loopback by the configuration that we write, and strangers who try to become the fourth."""

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client

from contracts.identity import PROVISION
from contracts.streams import CONSUMERS, EVENTS, INBOX, STREAMS
from services.runtime import topology
from services.runtime.clock import now
from services.runtime.credentials import credentials, key_file
from services.runtime.embedded.nats import Durability, NatsServer, start_nats
from services.runtime.embedded.ports import free_port
from services.runtime.jetstream import BusUnavailableError
from services.runtime.publishing import Expectation, Fact, Publisher, Recorded, Stale
from services.stack.identity.certificates import for_party, for_server, new_authority
from services.stack.identity.clustering import CLUSTER, Node, lay_out
from services.stack.identity.encryption import ENCRYPTION
from services.stack.identity.keeping import ACCOUNTS, Keeping
from tests.testers import TESTER, admit_tester

pytestmark = pytest.mark.asyncio(loop_scope="module")
FURTHER = (ENCRYPTION, CLUSTER, ACCOUNTS)
PATIENCE = 60.0
LONG_ENOUGH = 2.0
"""A server that is let in has all its routes well before."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Three servers that keep each other's messages."""

    keeping: Keeping
    nodes: tuple[Node, ...]
    servers: tuple[NatsServer, ...]
    client: Client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Formed, with a tester that may do everything."""
    with pytest.MonkeyPatch.context() as patch:
        admit_tester(patch)
        home = tmp_path_factory.mktemp("cluster")
        keeping = Keeping(home / "hub")
        keeping.complete({TESTER, PROVISION})
        nodes = tuple(Node("localhost", free_port(), "127.0.0.1", f"hub-{number}") for number in (1, 2, 3))
        folders = lay_out(keeping.encryption, nodes, home, None, now())
        async with contextlib.AsyncExitStack() as stack:
            servers = await asyncio.gather(*(_started(keeping, folder) for folder in folders))
            for server in servers:
                stack.push_async_callback(server.stop)
            proof = credentials(key_file(keeping.home, TESTER)).options
            client = await nats.connect([server.url for server in servers], error_cb=_quiet, **proof)
            stack.push_async_callback(client.close)
            await _applied(client)
            yield Cluster(keeping, nodes, tuple(servers), client)


async def test_every_stream_is_kept_on_three_servers(cluster: Cluster) -> None:
    """Kept on one, the loss of its machine would be the loss of what was acknowledged."""
    told = {stream.name: await cluster.client.jetstream().stream_info(stream.name) for stream in STREAMS}

    assert {info.config.num_replicas for info in told.values()} == {3}
    assert all(info.cluster and len(info.cluster.replicas or ()) == 2 for info in told.values())
    assert await topology.diff(cluster.client, [stream.on(3) for stream in STREAMS], CONSUMERS) == []
    assert INBOX.on(3).persist_mode == "default"


async def test_of_writers_who_all_know_the_same_one_wins(cluster: Cluster) -> None:
    """Deciders that went by the same facts could each decide: about one report, or one desk, twice."""
    everything = "actual.incident.>"
    for _ in range(10):
        last = await _last(cluster.client)
        outcomes = await asyncio.gather(
            *(_decided(cluster.client, f"i{last}-{who}", Expectation(everything, last)) for who in range(8))
        )
        assert sum(isinstance(one, Recorded) for one in outcomes) <= 1
        assert sum(not isinstance(one, Stale) for one in outcomes) >= 1
        assert await _last(cluster.client) in {last + 2, last}


def _without(_keeping: Keeping) -> str:
    return ""


def _of_another_authority(_keeping: Keeping) -> str:
    return for_server(new_authority(now()), ("localhost",), now()).pem


def _of_a_unit(keeping: Keeping) -> str:
    return for_party(keeping.encryption.issuer(), "localhost", now(), None).pem


def _of_a_server_elsewhere(keeping: Keeping) -> str:
    return for_server(keeping.encryption.issuer(), ("other.example",), now()).pem


STRANGERS: dict[str, Callable[[Keeping], str]] = {
    "without-a-certificate": _without,
    "with-a-certificate-of-another-authority": _of_another_authority,
    "with-a-certificate-of-a-unit": _of_a_unit,
    "with-a-certificate-of-a-server-that-is-none-of-these": _of_a_server_elsewhere,
}


@pytest.mark.parametrize("shown", STRANGERS.values(), ids=list(STRANGERS))
async def test_a_stranger_cannot_join(cluster: Cluster, tmp_path: Path, shown: Callable[[Keeping], str]) -> None:
    """A server among the others hears everything that passes and may say anything, in anybody's name."""
    port = free_port()
    node = Node("localhost", port, "127.0.0.1", "stranger")
    (folder,) = lay_out(cluster.keeping.encryption, [node, *cluster.nodes[:2]], tmp_path, None, now())[:1]
    (folder / "server.pem").write_text(shown(cluster.keeping) or _of_a_unit(cluster.keeping))
    if not shown(cluster.keeping):
        text = (folder / CLUSTER).read_text()
        (folder / CLUSTER).write_text(text.partition("  tls {")[0] + "}\n")
    stranger = await _started(cluster.keeping, folder)
    try:
        await asyncio.sleep(LONG_ENOUGH)
        routes = [await _asked(server, "routez") for server in (*cluster.servers, stranger)]
    finally:
        await stranger.stop()

    assert {one["remote_name"] for told in routes[:3] for one in told["routes"]} == {"hub-1", "hub-2", "hub-3"}
    # by TLS 1.3 it may take an attempt for a route until it hears that its certificate is refused: one without a name
    assert not any(one.get("remote_name") for one in routes[3]["routes"])


async def _started(keeping: Keeping, folder: Path) -> NatsServer:
    (folder / ACCOUNTS).write_bytes(keeping.accounts.read_bytes())
    return await start_nats(folder, durability=Durability.RELAXED, further=FURTHER)


async def _applied(client: Client) -> None:
    streams = [stream.on(3) for stream in STREAMS]
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(BusUnavailableError):
                await topology.apply(client, streams, CONSUMERS)
                return
            await asyncio.sleep(0.1)


async def _decided(client: Client, incident: str, expect: Expectation) -> Recorded | Stale | BusUnavailableError:
    subject = f"actual.incident.{incident}"
    facts = [
        Fact(f"{subject}.course", b"{}", "phoihop.IncidentOpened.v1", expect),
        Fact(f"{subject}.dispatch.a.b", b"{}", "phoihop.DispatchIssued.v1"),
    ]
    try:
        return await Publisher(client).record(facts)
    except BusUnavailableError as unknown:
        return unknown


async def _last(client: Client) -> int:
    """As the leader has it: a direct read may be answered by a server that lags. Here all facts are of incidents."""
    return (await client.jetstream().stream_info(EVENTS.name)).state.last_seq


async def _asked(server: NatsServer, what: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        with urllib.request.urlopen(f"{server.monitor_url}/{what}", timeout=30) as answer:  # noqa: S310  # our own
            told: dict[str, Any] = json.load(answer)
        return told

    return await asyncio.to_thread(read)


async def _quiet(_error: Exception) -> None:
    """What does not matter here."""

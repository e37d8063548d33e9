"""Photographs in the object store of a real nats-server: whole or not at all, never replaced, there after a crash."""

from pathlib import Path

import pytest

from contracts import attachment_subjects
from contracts.attachments import object_name
from contracts.canonical import sha256_hex
from contracts.streams import ATTACHMENT_PIECE, ATTACHMENTS, EVENTS, STREAMS
from services.runtime import topology
from services.runtime.embedded.nats import NatsServer
from services.runtime.jetstream import JetStreamBusyError, api
from services.runtime.objects import STORE_FULL, described, read_object, room_taken, stored_description
from services.runtime.publishing import Publisher, Recorded, Stale
from services.runtime.sending import connection
from tests.embedded_servers import StartNats

PHOTO = bytes(range(256)) * 1000
DIGEST = sha256_hex(PHOTO)
AGENCY = "ubnd-an-binh"


async def test_a_photograph_is_read_back_as_it_was_by_us_and_by_any_client_of_the_object_store(
    fresh_nats: NatsServer,
) -> None:
    """Photographs that only this program could read would be lost with it."""
    async with connection(fresh_nats.url) as client:
        await topology.apply(client, STREAMS, ())
        stored = await Publisher(client).attach(described(AGENCY, DIGEST, len(PHOTO)), PHOTO)

        assert isinstance(stored, Recorded)
        assert await read_object(client, AGENCY, DIGEST) == PHOTO
        store = await client.jetstream().object_store(attachment_subjects.BUCKET)
        found = await store.get(object_name(AGENCY, DIGEST))
        assert found.data == PHOTO
        assert found.info.size == len(PHOTO)


async def test_what_is_there_is_never_replaced(fresh_nats: NatsServer) -> None:
    """NATS's object store overwrites silently: whoever knew a name could then change what is evidence."""
    async with connection(fresh_nats.url) as client:
        await topology.apply(client, STREAMS, ())
        publisher, named = Publisher(client), described(AGENCY, DIGEST, len(PHOTO))
        await publisher.attach(named, PHOTO)

        assert isinstance(await publisher.attach(named, b"something else"), Stale)
        assert await read_object(client, AGENCY, DIGEST) == PHOTO
        assert await room_taken(client, AGENCY) == ATTACHMENT_PIECE * -(-len(PHOTO) // ATTACHMENT_PIECE)
        assert await room_taken(client, "another-agency") == 0


async def test_a_photograph_that_was_stored_survives_the_servers_death(
    start_nats_server: StartNats, server_folder: Path
) -> None:
    """The unit forgets its copy once the hub says that it is on disk."""
    server = await start_nats_server(server_folder / "nats")
    async with connection(server.url) as client:
        await topology.apply(client, STREAMS, ())
        await Publisher(client).attach(described(AGENCY, DIGEST, len(PHOTO)), PHOTO)
        await server.kill()
    again = await start_nats_server(server_folder / "nats", port=server.port)
    async with connection(again.url) as client:
        assert await read_object(client, AGENCY, DIGEST) == PHOTO
        assert await stored_description(client, AGENCY, DIGEST) is not None


async def test_a_full_store_refuses_photographs_and_leaves_the_other_streams_their_room(fresh_nats: NatsServer) -> None:
    """A flood of photographs must never cost a report its place on disk."""
    small = ATTACHMENTS.model_copy(update={"max_bytes": 2 * len(PHOTO)})
    async with connection(fresh_nats.url) as client:
        await topology.apply(client, (*STREAMS[:-1], small), ())
        publisher = Publisher(client)
        await publisher.attach(described(AGENCY, DIGEST, len(PHOTO)), PHOTO)
        other = PHOTO[::-1]
        with pytest.raises(JetStreamBusyError) as refused:
            await publisher.attach(described(AGENCY, sha256_hex(other), len(other)), other)

        assert refused.value.err_code == STORE_FULL
        assert await api(client, f"STREAM.INFO.{EVENTS.name}")
        assert await read_object(client, AGENCY, sha256_hex(other)) is None

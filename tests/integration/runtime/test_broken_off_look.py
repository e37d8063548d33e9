"""A look at a desk's durable that breaks off half-way forgets nothing that the server had handed out by then."""

import asyncio
import json

from services.runtime.embedded.nats import NatsServer
from services.runtime.sending import connection
from tests.system.desks import Desk

HOW_MANY = 3


async def test_what_a_broken_off_look_was_handed_comes_again_and_in_order(fresh_nats: NatsServer) -> None:
    """Broken when it waits for its redelivery by time-out, behind what comes later: order would seem to be lost."""
    async with connection(fresh_nats.url) as client:
        js, desk = client.jetstream(), Desk(client, "ub", "d")
        await js.add_stream(name="EVENTS", subjects=["actual.>"])
        await desk.take(0)  # its durable is there now
        for number in range(HOW_MANY):
            await js.publish(f"actual.incident.{number}.dispatch.ub.d", json.dumps(number).encode())
        look = asyncio.create_task(desk.take(30.0))
        async with asyncio.timeout(30):
            while (await js.consumer_info("EVENTS", desk.durable)).num_ack_pending != HOW_MANY:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        look.cancel()
        await asyncio.wait({look})
        await js.publish("actual.incident.9.dispatch.ub.d", json.dumps(HOW_MANY).encode())

        async with asyncio.timeout(30):
            while len(desk.received) <= HOW_MANY:
                await desk.take(1.0)

    assert [json.loads(one.body) for one in desk.received] == list(range(HOW_MANY + 1))


async def test_what_came_over_a_new_connection_is_asked_for_again_from_the_first_gap(fresh_nats: NatsServer) -> None:
    """Broken when a desk notes it: what was on its way when the old connection broke would seem to come too late."""
    async with connection(fresh_nats.url) as client:
        js, desk = client.jetstream(), Desk(client, "ub", "d")
        await js.add_stream(name="EVENTS", subjects=["actual.>"])
        await desk.take(0)
        look = asyncio.create_task(desk.take(2.0))
        await asyncio.sleep(0.2)
        client.stats["reconnects"] += 1
        for number in range(HOW_MANY):
            await js.publish(f"actual.incident.{number}.dispatch.ub.d", json.dumps(number).encode())
        assert await look == []
        assert desk.received == []

        async with asyncio.timeout(30):
            while len(desk.received) < HOW_MANY:
                await desk.take(1.0)

    assert [json.loads(one.body) for one in desk.received] == list(range(HOW_MANY))

"""A program as tutorials write it, on the framework's defaults: the negative control. It is meant to lose and repeat.

It takes reports, remembers in memory which it had, publishes a fact without waiting for its acknowledgement, sends the
receipt, and stores facts in Postgres by a subscriber with default acknowledgements.
"""

import asyncio
import hashlib
import json
import sys

import asyncpg
from faststream import FastStream
from faststream.nats import NatsBroker, NatsMessage

TABLE = "CREATE TABLE IF NOT EXISTS fact (event text NOT NULL, body bytea NOT NULL)"


def careless(broker: NatsBroker, pool: "asyncpg.Pool[asyncpg.Record]") -> FastStream:
    """The whole program: one subscriber takes reports, the other stores facts."""
    seen: set[str] = set()

    @broker.subscriber("inbox.report.*.*", stream="INBOX", durable="careless-inbox")
    async def take(message: NatsMessage) -> None:
        _, _, agency, unit = message.raw_message.subject.split(".")
        event = hashlib.sha256(message.body).hexdigest()
        outcome = "duplicate" if event in seen else "accepted"
        if event not in seen:
            seen.add(event)
            await broker.publish(message.body, f"fact.{event}")
        told = {
            "submission": message.headers["Phoihop-Submission"],
            "reports": [{"outcome": outcome, "event": event}],
        }
        await broker.publish(json.dumps(told).encode(), f"receipt.{agency}.{unit}")

    @broker.subscriber("fact.*", stream="FACTS", durable="careless-facts")
    async def store(message: NatsMessage) -> None:
        event = message.raw_message.subject.removeprefix("fact.")
        await pool.execute("INSERT INTO fact (event, body) VALUES ($1, $2)", event, message.body)

    return FastStream(broker)


async def _main(nats_url: str, dsn: str) -> None:
    async with asyncpg.create_pool(dsn) as pool:
        await pool.execute(TABLE)
        await careless(NatsBroker(nats_url), pool).run()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))

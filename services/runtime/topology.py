"""Compares streams and consumers as data with the server and applies the difference; services refuse drift."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from nats.aio.client import Client

from contracts.codes import Space
from contracts.register import Register
from contracts.streams import CONSUMERS, EVENTS, STREAMS, Consumer, Stream, desk_consumer
from services.runtime.jetstream import JetStreamRefusedError, api

STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014

STREAM_OFF = (
    "max_age",
    "mirror",
    "sources",
    "sealed",
    "no_ack",
    "republish",
    "subject_transform",
    "discard_new_per_subject",
    "allow_atomic",
    "allow_msg_schedules",
    "allow_msg_ttl",
    "allow_rollup_hdrs",
    "allow_msg_counter",
)
"""What loses, changes or multiplies facts when somebody switches it on; off wherever a stream does not ask for it."""
CONSUMER_OFF = ("deliver_subject", "headers_only", "mem_storage", "inactive_threshold", "backoff", "rate_limit_bps")
"""What drops, hides or delays messages of a durable."""


class TopologyDriftError(Exception):
    """The server is not as this program expects. Next: `phoihop topology diff`, then `phoihop topology apply`."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the data and the server."""

    kind: Literal["stream", "consumer"]
    name: str
    action: Literal["create", "update"]
    fields: dict[str, tuple[Any, Any]]
    """Field -> (on the server, wanted)."""


def desk_consumers(register: Register) -> tuple[Consumer, ...]:
    """One durable per desk for live work and one for exercises; they never share."""
    return tuple(
        desk_consumer(space, agency.code, desk.code)
        for agency in register.agencies
        for desk in agency.desks
        for space in (Space.ACTUAL, Space.EXERCISE)
    )


async def served_desk_consumers(client: Client, register: Register) -> tuple[Consumer, ...]:
    """Those of the register's desks that have watched once. A desk's durable is made when it first watches.

    Rejected: making them all at once. A country has more desks than the server's thousand consumers of a stream.
    """
    there = set(await _consumer_names(client, EVENTS.name))
    return tuple(consumer for consumer in desk_consumers(register) if consumer.durable in there)


async def _consumer_names(client: Client, stream: str) -> list[str]:
    names: list[str] = []
    while True:
        try:
            page = await api(client, f"CONSUMER.NAMES.{stream}", {"offset": len(names)})
        except JetStreamRefusedError as error:
            if error.err_code == STREAM_NOT_FOUND:
                return []
            raise
        names += page["consumers"] or ()
        if len(names) >= page["total"] or not page["consumers"]:
            return names


async def diff(
    client: Client, streams: Sequence[Stream] = STREAMS, consumers: Iterable[Consumer] = CONSUMERS
) -> list[Change]:
    """What `apply` would do."""
    found = [await _stream_change(client, stream) for stream in streams]
    found += [await _consumer_change(client, consumer) for consumer in consumers]
    return [change for change in found if change is not None]


async def apply(
    client: Client, streams: Sequence[Stream] = STREAMS, consumers: Iterable[Consumer] = CONSUMERS
) -> list[Change]:
    """Makes the server match the data; never deletes anything."""
    changes = []
    for stream in streams:
        if change := await _stream_change(client, stream):
            await api(client, f"STREAM.{change.action.upper()}.{stream.name}", stream_config(stream))
            changes.append(change)
    for consumer in consumers:
        if change := await _consumer_change(client, consumer):
            await _put_consumer(client, consumer)
            changes.append(change)
    return changes


async def check(client: Client, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
    """Raises `TopologyDriftError` naming every difference that concerns the caller."""
    if changes := await diff(client, streams, consumers):
        names = "; ".join(f"{c.action} {c.kind} {c.name} {sorted(c.fields)}" for c in changes)
        msg = f"the server differs from the contracts: {names}. Run `phoihop topology apply`."
        raise TopologyDriftError(msg)


async def rewind(client: Client, consumer: Consumer, first: int | None = None) -> None:
    """Makes the server forget what it had handed out: redelivery starts at once, not after ack_wait.

    Without `first` at the first unacknowledged message, otherwise at that stream sequence.
    """
    await api(client, f"CONSUMER.RESET.{consumer.stream}.{consumer.durable}", {} if first is None else {"seq": first})


def stream_config(stream: Stream) -> dict[str, Any]:
    """The server's JSON configuration of a stream."""
    config: dict[str, Any] = {
        "name": stream.name,
        "description": stream.purpose,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "discard": stream.discard,
        "max_bytes": stream.max_bytes,
        "max_msg_size": stream.max_msg_size,
        "max_msgs_per_subject": stream.max_msgs_per_subject,
        "duplicate_window": nanoseconds(stream.duplicate_window),
        "storage": "file",
        "num_replicas": stream.replicas,
        "allow_direct": stream.allow_direct,
        "deny_delete": stream.deny_delete,
        "deny_purge": stream.deny_purge,
    }
    # Absent on the server means off; naming a feature that is off would read as drift for ever.
    optional = {
        "discard_new_per_subject": stream.discard_new_per_subject or None,
        "persist_mode": "async" if stream.persist_mode == "async" else None,
        "allow_atomic": stream.allow_atomic or None,
        "allow_msg_schedules": stream.allow_msg_schedules or None,
        "allow_msg_ttl": stream.allow_msg_ttl or None,
    }
    return config | {key: value for key, value in optional.items() if value is not None}


def consumer_config(consumer: Consumer) -> dict[str, Any]:
    """The server's JSON configuration of a durable pull consumer."""
    filters: dict[str, Any] = (
        {"filter_subject": consumer.filters[0]}
        if len(consumer.filters) == 1
        else {"filter_subjects": list(consumer.filters)}
    )
    return filters | {
        "durable_name": consumer.durable,
        "name": consumer.durable,
        "deliver_policy": "all",
        "ack_policy": consumer.ack_policy,
        "ack_wait": nanoseconds(consumer.ack_wait),
        "max_ack_pending": consumer.max_ack_pending,
        "max_deliver": consumer.max_deliver,
    }


def nanoseconds(duration: timedelta) -> int:
    """The server's unit of time."""
    return duration // timedelta(microseconds=1) * 1000


async def _put_consumer(client: Client, consumer: Consumer) -> None:
    payload = {"stream_name": consumer.stream, "config": consumer_config(consumer), "action": ""}
    await api(client, f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}", payload)


async def _stream_change(client: Client, stream: Stream) -> Change | None:
    info = await _info(client, f"STREAM.INFO.{stream.name}", STREAM_NOT_FOUND)
    # schedules switch rollups on by themselves
    off = STREAM_OFF if not stream.allow_msg_schedules else tuple(set(STREAM_OFF) - {"allow_rollup_hdrs"})
    return _change("stream", stream.name, info, dict.fromkeys(off) | stream_config(stream))


async def _consumer_change(client: Client, consumer: Consumer) -> Change | None:
    info = await _info(client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}", CONSUMER_NOT_FOUND)
    return _change("consumer", consumer.durable, info, dict.fromkeys(CONSUMER_OFF) | consumer_config(consumer))


async def _info(client: Client, subject: str, not_found: int) -> dict[str, Any] | None:
    try:
        return await api(client, subject)
    except JetStreamRefusedError as error:
        if error.err_code in (not_found, STREAM_NOT_FOUND):
            return None
        raise


def _change(
    kind: Literal["stream", "consumer"], name: str, info: dict[str, Any] | None, wanted: dict[str, Any]
) -> Change | None:
    if info is None:
        return Change(kind, name, "create", {})
    actual = info["config"]
    fields = {
        key: (actual.get(key), value)
        for key, value in wanted.items()
        if actual.get(key) != value and (value is not None or actual.get(key))
    }
    return Change(kind, name, "update", fields) if fields else None

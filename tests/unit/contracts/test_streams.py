"""Streams and consumers as data keep every promise that a framework's default would break, one test for each."""

import re
from itertools import combinations

import pytest

from contracts import subjects
from contracts.codes import Space
from contracts.streams import (
    ATTACHMENTS,
    AUDIT,
    CONSUMERS,
    DEADLINES,
    EVENTS,
    INBOX,
    INTAKE,
    MAX_BODY,
    MAX_MESSAGE,
    PARKED,
    ROUTING_ACTIONS,
    STREAMS,
    Consumer,
    Stream,
    desk_consumer,
)

GRACEFUL_SECONDS = 28


def test_facts_are_never_edited_deleted_purged_or_expired() -> None:
    assert EVENTS.deny_delete
    assert EVENTS.deny_purge
    assert not EVENTS.allow_msg_ttl
    assert "max_age" not in Stream.model_fields


def test_facts_are_refused_when_the_stream_is_full_never_dropped_from_its_start() -> None:
    """`discard: old` acknowledges everything and silently drops the oldest."""
    assert EVENTS.discard == INBOX.discard == PARKED.discard == "new"


def test_facts_stay_whoever_consumes_them() -> None:
    """Interest retention acknowledges a publish that nobody consumes and stores nothing."""
    assert EVENTS.retention == PARKED.retention == DEADLINES.retention == "limits"
    assert {stream.retention for stream in STREAMS} <= {"limits", "workqueue"}


def test_facts_are_synced_before_they_are_acknowledged() -> None:
    """Only the inbox may answer earlier: there the receipt is the promise, and the sender keeps its outbox."""
    assert [stream.name for stream in STREAMS if stream.persist_mode == "async"] == ["INBOX"]


def test_only_facts_what_is_told_from_them_and_photographs_take_atomic_batches() -> None:
    named = [stream.name for stream in STREAMS if stream.allow_atomic]
    assert named == ["EVENTS", "DEADLINES", "LADDERS", "OBJ_ATTACHMENTS"]


def test_photographs_cannot_crowd_out_facts_nor_take_each_others_place() -> None:
    """A store without a bound, or that drops what is old, would cost reports their disk or incidents their photos."""
    assert ATTACHMENTS.discard == "new"
    assert 0 < ATTACHMENTS.max_bytes < EVENTS.max_bytes
    assert ATTACHMENTS.deny_delete
    assert ATTACHMENTS.deny_purge


def test_schedules_live_where_nobody_but_routing_publishes() -> None:
    """A schedule lets its publisher fire on any subject of the stream and wipe it; never where others may publish."""
    assert [stream.name for stream in STREAMS if stream.allow_msg_schedules] == ["DEADLINES"]
    assert [stream.name for stream in STREAMS if stream.allow_msg_ttl] == ["DEADLINES"]
    assert all(not one.startswith(("inbox", "*", *Space)) for one in DEADLINES.subjects)


def test_one_flooding_sender_fills_only_its_own_subject() -> None:
    assert INBOX.discard_new_per_subject
    assert 0 < INBOX.max_msgs_per_subject <= 5000


def test_the_inbox_takes_each_submission_away_only_when_it_was_acknowledged() -> None:
    assert INBOX.retention == "workqueue"


def test_the_inbox_refuses_what_intake_would_refuse_for_its_size() -> None:
    assert INBOX.max_msg_size == MAX_MESSAGE == 64 * 1024
    assert MAX_BODY < MAX_MESSAGE


def test_every_stream_is_bounded_so_that_the_disk_is_not() -> None:
    assert all(stream.max_bytes > 0 and stream.max_msg_size > 0 for stream in STREAMS)


def test_no_subject_lies_in_two_streams() -> None:
    """The server would refuse the second stream, or a message would be stored twice."""
    placed = [(stream.name, one) for stream in STREAMS for one in stream.subjects]

    assert [(a, b) for (s, a), (t, b) in combinations(placed, 2) if s != t and _overlap(a, b)] == []


def test_server_advisories_about_given_up_messages_are_kept() -> None:
    assert set(subjects.ADVISORIES) <= set(PARKED.subjects)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_stream_is_named_as_the_server_likes_and_says_its_purpose(stream: Stream) -> None:
    assert re.fullmatch(r"[A-Z_]{1,31}", stream.name)
    assert stream.purpose.endswith(".")


@pytest.mark.parametrize("consumer", [*CONSUMERS, desk_consumer(Space.ACTUAL, "a", "d")], ids=lambda one: one.durable)
def test_no_consumer_ever_gives_a_message_up(consumer: Consumer) -> None:
    """A limit on deliveries turns an outage into loss: the exhausted message stays, unseen, for ever."""
    assert consumer.max_deliver == -1
    assert consumer.ack_policy in {"explicit", "all"}


@pytest.mark.parametrize("consumer", [*CONSUMERS, desk_consumer(Space.ACTUAL, "a", "d")], ids=lambda one: one.durable)
def test_a_draining_service_keeps_its_messages_until_it_has_ended(consumer: Consumer) -> None:
    assert consumer.ack_wait.total_seconds() > GRACEFUL_SECONDS


@pytest.mark.parametrize("consumer", CONSUMERS, ids=lambda one: one.durable)
def test_a_consumer_reads_what_its_stream_holds(consumer: Consumer) -> None:
    stream = {one.name: one for one in STREAMS}[consumer.stream]

    assert all(any(_overlap(wanted, held) for held in stream.subjects) for wanted in consumer.filters)
    assert re.fullmatch(r"[a-z-]+", consumer.durable)


def test_reports_and_actions_share_the_inbox_and_no_message() -> None:
    inbox = [one.filters[0] for one in CONSUMERS if one.stream == "INBOX"]

    assert {INTAKE.filters[0], ROUTING_ACTIONS.filters[0]} <= set(inbox)
    assert not any(_overlap(one, other) for one, other in combinations(inbox, 2))


def test_the_audit_reads_every_space_in_order() -> None:
    """Order is a promise: acknowledging one acknowledges all before it, and none is left out."""
    assert set(AUDIT.filters) == set(EVENTS.subjects) == {subjects.facts(space) for space in Space}
    assert AUDIT.ack_policy == "all"
    assert [one.durable for one in CONSUMERS if one.ack_policy == "all"] == ["audit"]


def test_a_desks_live_and_exercise_feeds_share_neither_name_nor_subject() -> None:
    live, exercise = (desk_consumer(space, "a", "d") for space in (Space.ACTUAL, Space.EXERCISE))

    assert live.durable != exercise.durable
    assert not any(_overlap(one, other) for one in live.filters for other in exercise.filters)


def test_two_desks_never_share_a_consumer() -> None:
    """`a-b/c` and `a/b-c` must not meet: the separator of names is no character of a name."""
    assert desk_consumer(Space.ACTUAL, "a-b", "c").durable != desk_consumer(Space.ACTUAL, "a", "b-c").durable


def _overlap(one: str, other: str) -> bool:
    """Whether some subject matches both filters."""
    left, right = one.split("."), other.split(".")
    for first, second in zip(left, right, strict=False):
        if ">" in (first, second):
            return True
        if first != second and "*" not in (first, second):
            return False
    return len(left) == len(right)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_a_stream_on_three_servers_is_acknowledged_by_them(stream: Stream) -> None:
    """The server refuses to keep an asynchronous stream on several: then nothing of a cluster could be set up."""
    assert stream.replicas == 1
    assert stream.on(1) == stream
    assert (stream.on(3).replicas, stream.on(3).persist_mode) == (3, "default")

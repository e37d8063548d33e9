"""Streams and consumers as data: what the server must look like. `phoihop topology` compares and applies it."""

from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from contracts import access_subjects, attachment_subjects, lease_subjects, subjects
from contracts.codes import Space
from contracts.frozen import Contract

KIB: Final = 1024
GIB: Final = 1024**3
MAX_MESSAGE: Final = 64 * KIB
"""Largest submission in bytes, headers included."""
MAX_BODY: Final = MAX_MESSAGE - KIB
"""Largest body of a submission in bytes: the rest is kept free for its headers."""


class Stream(Contract):
    """One JetStream stream. Every field is sent to the server: a framework's default is never trusted."""

    name: Literal[
        "INBOX",
        "EVENTS",
        "DEADLINES",
        "PARKED",
        "SEALED",
        "LADDERS",
        "KV_CHECKPOINTS",
        "ACCESS",
        "OBJ_ATTACHMENTS",
        "LEASES",
    ]
    subjects: tuple[str, ...]
    purpose: str
    retention: Literal["limits", "workqueue"] = "limits"
    discard: Literal["new", "old"] = "new"
    max_bytes: int
    max_msg_size: int = 1024 * KIB
    max_msgs_per_subject: int = -1
    discard_new_per_subject: bool = False
    duplicate_window: timedelta = timedelta(minutes=2)
    persist_mode: Literal["default", "async"] = "default"
    allow_atomic: bool = False
    allow_direct: bool = True
    allow_msg_schedules: bool = False
    allow_msg_ttl: bool = False
    deny_delete: bool = True
    deny_purge: bool = True
    replicas: int = Field(default=1, ge=1, le=5)
    """On how many servers it is kept; more than one needs a cluster of at least as many."""

    def on(self, replicas: int) -> "Stream":
        """The same kept on so many servers. Copies on others are what a replicated stream acknowledges: never async."""
        alone = {} if replicas == 1 else {"persist_mode": "default"}
        return self.model_copy(update={"replicas": replicas, **alone})


class Consumer(Contract):
    """One durable pull consumer, always explicit or all acks, never the framework's."""

    stream: Literal["INBOX", "EVENTS", "DEADLINES", "PARKED", "SEALED"]
    durable: str
    filters: tuple[str, ...]
    ack_policy: Literal["explicit", "all"] = "explicit"
    ack_wait: timedelta = timedelta(seconds=30)
    max_ack_pending: int = 1000
    max_deliver: int = -1
    """-1 everywhere: an outage must never run out of deliveries; what cannot succeed is parked by decision."""


INBOX: Final = Stream(
    name="INBOX",
    purpose="What people and systems send us, raw; bounded per sender so that one flooding unit starves nobody.",
    subjects=(
        subjects.REPORT_INBOX,
        subjects.ACTION_INBOX,
        subjects.REPORTING_INBOX,
        subjects.DESK_INBOX,
        subjects.EXERCISE_INBOX,
    ),
    retention="workqueue",
    max_bytes=GIB // 2,
    max_msg_size=MAX_MESSAGE,
    max_msgs_per_subject=300,
    discard_new_per_subject=True,
    persist_mode="async",
    deny_delete=False,
    deny_purge=False,
)
EVENTS: Final = Stream(
    name="EVENTS",
    purpose="Every fact of this hub, in one order, never edited.",
    subjects=tuple(subjects.facts(space) for space in Space),
    max_bytes=8 * GIB,
    allow_atomic=True,
)
DEADLINES: Final = Stream(
    name="DEADLINES",
    purpose="One scheduled message per obligation; only routing publishes here.",
    subjects=(subjects.ALL_SCHEDULES, subjects.ALL_DUE, subjects.ALL_REPORTS_DUE, subjects.ALL_DRILLS_DUE),
    discard="old",
    max_bytes=GIB // 2,
    allow_atomic=True,
    allow_msg_schedules=True,
    allow_msg_ttl=True,
    deny_delete=False,
    deny_purge=False,
)
PARKED: Final = Stream(
    name="PARKED",
    purpose="A copy of every message that can never succeed, with the reason; alarmed when not empty.",
    subjects=(subjects.ALL_PARKED, *subjects.ADVISORIES),
    max_bytes=GIB // 2,
    duplicate_window=timedelta(hours=1),
    deny_delete=False,
    deny_purge=False,
)
SEALED: Final = Stream(
    name="SEALED",
    purpose="Personal values of accepted reports, encrypted to the vault, until the audit has them in its database.",
    subjects=(subjects.ALL_SEALED,),
    retention="workqueue",
    max_bytes=GIB // 2,
    deny_delete=False,
    deny_purge=False,
)
"""Synced before it is acknowledged, unlike INBOX: the receipt promises what is in here too. Deleting is allowed because
the audit overwrites what it has taken."""
LADDERS: Final = Stream(
    name="LADDERS",
    purpose="How far each report got, newest first and only; told again from the facts whenever one is added.",
    subjects=(subjects.ALL_LADDERS,),
    discard="old",
    max_bytes=GIB // 4,
    max_msgs_per_subject=1,
    allow_atomic=True,
)
"""Atomic batches for their cost, one sync to disk for many: each ladder stands for itself."""
CHECKPOINTS: Final = Stream(
    name="KV_CHECKPOINTS",
    purpose="The key-value bucket CHECKPOINTS: the newest signed checkpoints of each ledger, outside its database.",
    subjects=(subjects.ALL_CHECKPOINTS,),
    max_bytes=GIB // 16,
    max_msg_size=16 * KIB,
    max_msgs_per_subject=64,
)
"""A key-value bucket is a stream of this name and these subjects. Rollups stay off: with them one message could wipe a
key's history, and `nats kv purge` would. The history is bounded: beyond 64 the oldest of a key goes."""
ACCESS: Final = Stream(
    name="ACCESS",
    purpose="One-time codes by their hashes, what they opened over HTTP, and what of it has ended.",
    subjects=access_subjects.ALL_ACCESS,
    discard="old",
    max_bytes=GIB // 4,
    max_msg_size=4 * KIB,
    max_msgs_per_subject=1,
)
"""What is old goes first, so an enrolment goes before its end does: whatever room is lacking, nothing comes back."""
ATTACHMENT_PIECE: Final = 64 * KIB
"""Bytes of an attachment in one message: less than the server lets through, and than an agency's account does."""
ATTACHMENTS: Final = Stream(
    name="OBJ_ATTACHMENTS",
    purpose="The object store ATTACHMENTS: photographs of reports by agency and SHA-256, each whole or not at all.",
    subjects=(attachment_subjects.ALL_PIECES, attachment_subjects.ALL_DESCRIPTIONS),
    max_bytes=2 * GIB,
    max_msg_size=ATTACHMENT_PIECE + 4 * KIB,
    allow_atomic=True,
)
"""An object store is a stream of this name and these subjects. Rollups stay off, so that nothing can take the place of
what is there; full, it refuses photographs and takes nothing from the other streams, whose room the server keeps."""
LEASES: Final = Stream(
    name="LEASES",
    purpose="Which of several instances of a service works, newest word only; empty where each has one instance.",
    subjects=(lease_subjects.ALL_LEASES,),
    discard="old",
    max_bytes=GIB // 64,
    max_msg_size=4 * KIB,
    max_msgs_per_subject=1,
)
STREAMS: Final = (INBOX, EVENTS, DEADLINES, PARKED, SEALED, LADDERS, CHECKPOINTS, ACCESS, ATTACHMENTS, LEASES)

INTAKE: Final = Consumer(
    stream="INBOX",
    durable="intake",
    filters=(subjects.REPORT_INBOX,),
    max_ack_pending=4 * (INBOX.max_msgs_per_subject + 12),  # so that four flooding units leave room for the others
)
ROUTING_REPORTS: Final = Consumer(stream="EVENTS", durable="routing-reports", filters=(subjects.ALL_REPORTS,))
ROUTING_ACTIONS: Final = Consumer(stream="INBOX", durable="routing-actions", filters=(subjects.ACTION_INBOX,))
ROUTING_DUE: Final = Consumer(stream="DEADLINES", durable="routing-due", filters=(subjects.ALL_DUE,))
ROUTING_SCHEDULES: Final = Consumer(stream="EVENTS", durable="routing-schedules", filters=(subjects.ALL_DISPATCHES,))
ROUTING_LADDERS: Final = Consumer(
    stream="EVENTS", durable="routing-ladders", filters=(subjects.ALL_INCIDENTS,), max_ack_pending=5000
)
ROUTING_ABSENCES: Final = Consumer(stream="EVENTS", durable="routing-absences", filters=(subjects.ALL_DESKS,))
REPORTING_REPORTS: Final = Consumer(stream="EVENTS", durable="reporting-reports", filters=(subjects.ALL_REPORTS,))
REPORTING_COURSES: Final = Consumer(stream="EVENTS", durable="reporting-courses", filters=(subjects.ALL_COURSES,))
REPORTING_ACTIONS: Final = Consumer(stream="INBOX", durable="reporting-actions", filters=(subjects.REPORTING_INBOX,))
REPORTING_DUE: Final = Consumer(stream="DEADLINES", durable="reporting-due", filters=(subjects.ALL_REPORTS_DUE,))
REPORTING_SCHEDULES: Final = Consumer(stream="EVENTS", durable="reporting-schedules", filters=(subjects.ALL_OWED,))
PRESENCE_ACTIONS: Final = Consumer(stream="INBOX", durable="presence-actions", filters=(subjects.DESK_INBOX,))
EXERCISE_ACTIONS: Final = Consumer(stream="INBOX", durable="exercise-actions", filters=(subjects.EXERCISE_INBOX,))
EXERCISE_SCHEDULES: Final = Consumer(stream="EVENTS", durable="exercise-schedules", filters=(subjects.ALL_DRILLS,))
EXERCISE_DUE: Final = Consumer(stream="DEADLINES", durable="exercise-due", filters=(subjects.ALL_DRILLS_DUE,))
AUDIT: Final = Consumer(
    stream="EVENTS",
    durable="audit",
    filters=tuple(subjects.facts(space) for space in Space),
    ack_policy="all",
    max_ack_pending=20_000,
)
AUDIT_SEALED: Final = Consumer(stream="SEALED", durable="audit-sealed", filters=(subjects.ALL_SEALED,))
CONSUMERS: Final = (
    INTAKE,
    ROUTING_REPORTS,
    ROUTING_ACTIONS,
    ROUTING_DUE,
    ROUTING_SCHEDULES,
    ROUTING_LADDERS,
    ROUTING_ABSENCES,
    REPORTING_REPORTS,
    REPORTING_COURSES,
    REPORTING_ACTIONS,
    REPORTING_DUE,
    REPORTING_SCHEDULES,
    PRESENCE_ACTIONS,
    EXERCISE_ACTIONS,
    EXERCISE_SCHEDULES,
    EXERCISE_DUE,
    AUDIT,
    AUDIT_SEALED,
)

THE_CUSTODIANS: Final = (INTAKE, AUDIT_SEALED)
"""What they park is sealed to the vault: only who keeps its key can hand it in again."""


def is_tried_again(consumer: Consumer) -> bool:
    """Whether what this consumer parked can be handled once more by the service itself. An ordered one never parks."""
    return consumer.ack_policy == "explicit" and consumer not in THE_CUSTODIANS


class DeskRecord(StrEnum):
    """What of the record a desk may read, by asking the hub."""

    FEED = "feed"
    """Its dispatches."""
    PAPERS = "papers"
    """Copies of reports and requests for reports."""
    PRESENCE = "presence"
    """Whether it was there, and its shifts."""

    def filter(self, space: Space, agency: str, desk: str) -> str:
        """The subjects that hold it; all of them name the desk."""
        match self:
            case DeskRecord.FEED:
                return subjects.desk_feed(space, agency, desk)
            case DeskRecord.PAPERS:
                return subjects.papers(space, agency, desk)
            case DeskRecord.PRESENCE:
                return subjects.presence(space, agency, desk)


def desk_consumer(space: Space, agency: str, desk: str) -> Consumer:
    """The one durable of a desk in one status space: its dispatches and its papers; live and exercise never share."""
    return Consumer(
        stream="EVENTS",
        durable=f"desk_{space.value}_{agency}_{desk}",
        filters=(subjects.desk_feed(space, agency, desk), subjects.papers(space, agency, desk)),
        ack_wait=timedelta(seconds=60),
    )

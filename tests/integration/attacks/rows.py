"""What can be tried on the bus at one stroke, by the name of the try; who tries it, and what breaks, stands apart."""

from collections.abc import Callable
from typing import Final

from contracts import access_subjects, approvals, attachment_subjects, retry_subjects, subjects
from contracts import server_api as api
from contracts.activation import Approver
from contracts.codes import Space
from contracts.desk_doors import desk_attachments, desk_durable, desk_record
from contracts.identity import Identity
from contracts.streams import DeskRecord, desk_consumer
from contracts.subjects import Origin
from services.runtime.topology import consumer_config
from tests.integration.attacks.arena import (
    DESK,
    INCIDENT,
    NEXT_DESK,
    OTHER_DESK,
    OTHER_UNIT,
    REPORT,
    ROUTING,
    Arena,
    dispatch_to,
    durable,
    ladder_of,
)

Subject = str | Callable[[Arena], str]
Rows = dict[str, Subject | tuple[Subject, object]]
LIVE: Final = Space.ACTUAL
OTHERS_REPORT: Final = subjects.report(LIVE, Origin("beta", "u2"), REPORT)
COURSE: Final = subjects.course(LIVE, INCIDENT)
ACCESS: Final = "0" * 32
_DIGEST: Final = "0" * 64
NEVER: Final = {"pause_until": "2099-01-01T00:00:00Z"}
MINE, _NEXT, _THEIRS = (durable(who) for who in (DESK, NEXT_DESK, OTHER_DESK))


def _inbox_of(who: Identity) -> Callable[[Arena], str]:
    return lambda arena: f"{api.inbox_prefix(arena.key(who))}.>"


def _config(filters: tuple[str, ...], name: str) -> dict[str, object]:
    wanted = desk_consumer(LIVE, "alpha", "d1").model_copy(update={"filters": filters, "durable": name})
    return {"stream_name": "EVENTS", "config": consumer_config(wanted), "action": ""}


SERVER: Final[Rows] = {
    "asks-what-there-is": "$JS.API.INFO",
    "lists-streams": "$JS.API.STREAM.LIST",
    "names-streams": "$JS.API.STREAM.NAMES",
    "looks-at-a-stream": "$JS.API.STREAM.INFO.EVENTS",
    "makes-a-stream": ("$JS.API.STREAM.CREATE.MINE", {"name": "MINE", "subjects": ["mine.>"]}),
    "changes-a-stream": ("$JS.API.STREAM.UPDATE.INBOX", {"name": "INBOX", "subjects": ["inbox.>"], "max_msgs": 1}),
    "deletes-a-stream": "$JS.API.STREAM.DELETE.LADDERS",
    "empties-a-stream": "$JS.API.STREAM.PURGE.LADDERS",
    "copies-a-stream": ("$JS.API.STREAM.SNAPSHOT.EVENTS", {"deliver_subject": "_INBOX.stolen"}),
    "restores-a-stream": ("$JS.API.STREAM.RESTORE.EVENTS", {"config": {"name": "EVENTS"}}),
    "reads-a-message": ("$JS.API.STREAM.MSG.GET.EVENTS", {"seq": 1}),
    "deletes-a-message": ("$JS.API.STREAM.MSG.DELETE.LADDERS", {"seq": 1}),
    "reads-directly": ("$JS.API.DIRECT.GET.EVENTS", {"seq": 1}),
    "reads-much-directly": ("$JS.API.DIRECT.GET.EVENTS", {"seq": 1, "next_by_subj": ">", "batch": 100}),
    "reads-the-last-of-a-subject": f"$JS.API.DIRECT.GET.EVENTS.{dispatch_to(OTHER_DESK)}",
    "makes-a-durable": ("$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.mine", _config((">",), "mine")),
    "makes-a-consumer": ("$JS.API.CONSUMER.CREATE.EVENTS.mine", _config((">",), "mine")),
    "makes-a-filtered-consumer": ("$JS.API.CONSUMER.CREATE.EVENTS.mine.actual.>", _config(("actual.>",), "mine")),
    "makes-a-passing-consumer": ("$JS.API.CONSUMER.CREATE.EVENTS", {"stream_name": "EVENTS", "config": {}}),
    "widens-a-durable": (f"$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{MINE}", _config(("actual.>",), MINE)),
    "deletes-a-durable": f"$JS.API.CONSUMER.DELETE.EVENTS.{_THEIRS}",
    "pauses-a-durable": (f"$JS.API.CONSUMER.PAUSE.EVENTS.{_THEIRS}", NEVER),
    "unpins-a-durable": (f"$JS.API.CONSUMER.UNPIN.EVENTS.{_THEIRS}", {"group": "x"}),
    "lists-consumers": "$JS.API.CONSUMER.LIST.EVENTS",
    "names-consumers": "$JS.API.CONSUMER.NAMES.EVENTS",
    "unseats-a-leader": "$JS.API.STREAM.LEADER.STEPDOWN.EVENTS",
    "asks-the-system": "$SYS.REQ.SERVER.PING",
    "reads-a-photograph": f"$JS.API.DIRECT.GET.OBJ_ATTACHMENTS.{attachment_subjects.pieces('beta', _DIGEST)}",
    "reads-every-photograph": ("$JS.API.DIRECT.GET.OBJ_ATTACHMENTS", {"seq": 1, "next_by_subj": ">", "batch": 9}),
    "kicks-a-connection": ("$SYS.REQ.SERVER.NX.KICK", {"cid": 1}),
}
"""What nobody outside the hub may ask the server."""
OTHERS_DURABLE: Final[Rows] = {
    "takes-anothers-dispatches": (f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{_THEIRS}", {"batch": 5}),
    "takes-the-next-desks-dispatches": (f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{_NEXT}", {"batch": 5}),
    "looks-at-anothers-durable": f"$JS.API.CONSUMER.INFO.EVENTS.{_THEIRS}",
    "resets-anothers-durable": (f"$JS.API.CONSUMER.RESET.EVENTS.{_THEIRS}", {"seq": 1}),
    "resets-the-next-desks-durable": (f"$JS.API.CONSUMER.RESET.EVENTS.{_NEXT}", {"seq": 1}),
    "acknowledges-anothers-delivery": f"$JS.ACK.EVENTS.{_THEIRS}.1.1.1.1700000000000000000.0",
    "acknowledges-the-next-desks-delivery": f"$JS.ACK.EVENTS.{_NEXT}.1.1.1.1700000000000000000.0",
    "takes-what-routing-works-on": ("$JS.API.CONSUMER.MSG.NEXT.INBOX.routing-actions", {"batch": 5}),
    "takes-what-the-audit-works-on": ("$JS.API.CONSUMER.MSG.NEXT.EVENTS.audit", {"batch": 5}),
    "acknowledges-for-the-audit": "$JS.ACK.EVENTS.audit.1.9.9.1700000000000000000.0",
    "resets-the-audit": ("$JS.API.CONSUMER.RESET.EVENTS.audit", {"seq": 1}),
}
FACTS: Final[Rows] = {
    "records-a-report": OTHERS_REPORT,
    "records-a-course": COURSE,
    "records-a-dispatch": dispatch_to(OTHER_DESK),
    "records-a-refusal": subjects.refused_action(LIVE, Origin("beta", "d2"), REPORT),
    "records-a-reading": subjects.reading(REPORT),
    "records-an-erasure": subjects.erasure(LIVE, INCIDENT),
    "records-a-debt": subjects.owed(LIVE, "beta"),
    "records-presence": subjects.presence(LIVE, "beta", "d2"),
    "puts-a-regulation-in-force": subjects.regulation("national"),
    "changes-the-register": subjects.REGISTER,
    "approves-a-regulation": approvals.step("national", Approver(agency="beta", role="chief")),
    "admits-somebody": subjects.identity("alpha"),
    "offers-a-way-in": access_subjects.offered("status", ACCESS),
    "opens-a-way-in": access_subjects.opened("status", ACCESS),
    "ends-anothers-session": access_subjects.ended("status", ACCESS),
    "records-a-way-in": access_subjects.changes(ACCESS),
    "sets-a-deadline": subjects.schedule(LIVE, INCIDENT, REPORT),
    "lets-a-deadline-pass": subjects.due(LIVE, INCIDENT, REPORT),
    "seals-values": subjects.sealed(LIVE, Origin("beta", "u2"), REPORT),
    "parks-a-message": subjects.parked("INBOX", "intake"),
    "tells-a-ladder": ladder_of(OTHER_UNIT),
    "keeps-a-checkpoint": subjects.kept_checkpoint("example/log"),
    "stores-a-photograph": attachment_subjects.pieces("beta", _DIGEST),
    "names-a-photograph": attachment_subjects.description(f"beta/{_DIGEST}"),
    "says-a-photograph-arrived": attachment_subjects.stored(LIVE, Origin("beta", "u2"), REPORT, _DIGEST),
}
"""What only one service of the hub may say."""
PHOTOGRAPHS: Final = ("stores-a-photograph", "names-a-photograph", "says-a-photograph-arrived")
"""Intake's own work."""
WAYS_IN: Final = ("offers-a-way-in", "ends-anothers-session", "records-a-way-in")
"""The operator's own work."""
AS_ANOTHER: Final[Rows] = {
    "reports-as-another-unit": subjects.report_inbox("beta", "u2"),
    "reports-as-a-unit-of-its-agency": subjects.report_inbox("alpha", "u9"),
    "acts-as-another-desk": subjects.action_inbox("beta", "d2"),
    "acts-as-the-next-desk": subjects.action_inbox("alpha", "x1"),
    "orders-reports-as-another-desk": subjects.reporting_inbox("beta", "d2"),
    "declares-another-desk-away": subjects.desk_inbox("beta", "d2"),
    "plans-exercises-as-another-desk": subjects.exercise_inbox("beta", "d2"),
    "plans-exercises-as-the-next-desk": subjects.exercise_inbox("alpha", "x1"),
    "beats-for-another-desk": subjects.heartbeat(LIVE, "beta", "d2"),
    "beats-for-the-next-desk": subjects.heartbeat(LIVE, "alpha", "x1"),
    "opens-another-desks-door": desk_durable(LIVE, "beta", "d2"),
    "reads-another-desks-papers": (desk_record(LIVE, "beta", "d2", DeskRecord.PAPERS), {"first": 1}),
    "reads-the-next-desks-papers": (desk_record(LIVE, "alpha", "x1", DeskRecord.PAPERS), {"first": 1}),
    "reads-another-desks-record": (desk_record(LIVE, "beta", "d2", DeskRecord.FEED), {"first": 1}),
    "reads-the-next-desks-record": (desk_record(LIVE, "alpha", "x1", DeskRecord.FEED), {"first": 1}),
    "looks-at-photographs-as-another-desk": desk_attachments(LIVE, "beta", "d2", str(INCIDENT)),
    "looks-at-photographs-as-the-next-desk": desk_attachments(LIVE, "alpha", "x1", str(INCIDENT)),
    "answers-as-the-hub": subjects.receipts("beta", "u2"),
    "answers-a-request-across": "_R_.abcdefgh.abcdefgh",
    "answers-into-an-inbox": "_INBOX.UAAAAAAAA.1",
}
ANSWERS: Final = "says-what-came-of-a-try"
RETRIES: Final[Rows] = {
    "has-a-parked-action-tried": (retry_subjects.retry("INBOX", "routing-actions"), {"sequence": 1}),
    "has-a-parked-report-tried": (retry_subjects.retry("EVENTS", "routing-reports"), {"sequence": 1}),
    ANSWERS: retry_subjects.retried("INBOX", "routing-actions"),
}
"""What only operators may ask, and only routing may answer."""
EARS: Final[dict[str, Subject]] = {
    "everything": ">",
    "every-inbox": "_INBOX.>",
    "anothers-inbox": _inbox_of(OTHER_DESK),
    "the-hubs-inbox": _inbox_of(ROUTING),
    "submissions": "inbox.>",
    "facts": "actual.>",
    "one-token": "*",
    "every-receipt": "receipt.>",
    "anothers-receipts": subjects.receipts("beta", "u2"),
    "the-next-desks-receipts": subjects.receipts("alpha", "x1"),
    "anothers-ladder": ladder_of(OTHER_UNIT),
    "heartbeats": "heartbeat.>",
    "answers-across": "_R_.>",
    "the-servers-api": "$JS.>",
    "the-system": "$SYS.>",
    "a-queue-of-routing": "desk.>",
}

DESTROYING: Final = {
    name: SERVER[name]
    for name in (
        *("makes-a-stream", "changes-a-stream", "deletes-a-stream", "empties-a-stream", "copies-a-stream"),
        *("reads-a-message", "deletes-a-durable", "pauses-a-durable", "makes-a-consumer"),
        *("makes-a-passing-consumer", "unseats-a-leader", "asks-the-system"),
    )
} | {"deletes-a-fact": ("$JS.API.STREAM.MSG.DELETE.EVENTS", {"seq": 1})}
AUTHORITY: Final = {
    name: FACTS[name]
    for name in ("puts-a-regulation-in-force", "approves-a-regulation", "changes-the-register", "sets-a-deadline")
}


def but(rows: Rows, *names: str) -> Rows:
    return {name: row for name, row in rows.items() if name not in names}

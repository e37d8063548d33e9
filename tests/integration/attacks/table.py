"""Every attack that is one request, one message or one subscription: who tries what, and what would break."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from contracts import access_subjects, approvals, subjects
from contracts import server_api as api
from contracts.activation import Approver
from contracts.codes import Space
from contracts.desk_doors import desk_durable, desk_record
from contracts.identity import AUDITOR, CUSTODIAN, OPERATOR, PROVISION, Identity
from contracts.streams import DeskRecord, desk_consumer
from contracts.subjects import Origin
from services.runtime.topology import consumer_config
from tests.integration.attacks.arena import (
    AUDIT,
    DESK,
    INCIDENT,
    INTAKE,
    NEXT_DESK,
    NOTARY,
    OTHER_DESK,
    OTHER_UNIT,
    OWNER,
    REPORT,
    ROUTING,
    UNIT,
    Arena,
    dispatch_to,
    durable,
    ladder_of,
)

Subject = str | Callable[[Arena], str]
LIVE: Final = Space.ACTUAL
OTHERS_REPORT: Final = subjects.report(LIVE, Origin("beta", "u2"), REPORT)
COURSE: Final = subjects.course(LIVE, INCIDENT)
ACCESS: Final = "0" * 32
_NEVER: Final = {"pause_until": "2099-01-01T00:00:00Z"}
_MINE, _NEXT, _THEIRS = (durable(who) for who in (DESK, NEXT_DESK, OTHER_DESK))


@dataclass(frozen=True, slots=True)
class Attack:
    """One try. Whatever it is: nothing changes on the server, and the attacker hears nothing."""

    name: str
    who: Identity
    breaks: str
    """What would, if it worked."""
    subject: Subject
    body: bytes = b""
    verb: Literal["publish", "subscribe"] = "publish"
    refused: bool = True
    """The server says so. Otherwise it lets the message go nowhere."""


def _tries(
    who: Identity, breaks: str, rows: dict[str, Subject | tuple[Subject, object]], *, refused: bool = True
) -> Iterator[Attack]:
    for what, row in rows.items():
        subject, said = row if isinstance(row, tuple) else (row, None)
        body = b"" if said is None else json.dumps(said).encode()
        yield Attack(f"{who.name}-{what}", who, breaks, subject, body, refused=refused)


def _listens(who: Identity, breaks: str, rows: dict[str, Subject]) -> Iterator[Attack]:
    for what, subject in rows.items():
        yield Attack(f"{who.name}-hears-{what}", who, breaks, subject, verb="subscribe")


def _inbox_of(who: Identity) -> Callable[[Arena], str]:
    return lambda arena: f"{api.inbox_prefix(arena.key(who))}.>"


def _config(filters: tuple[str, ...], name: str) -> dict[str, object]:
    wanted = desk_consumer(LIVE, "alpha", "d1").model_copy(update={"filters": filters, "durable": name})
    return {"stream_name": "EVENTS", "config": consumer_config(wanted), "action": ""}


SERVER: Final[dict[str, Subject | tuple[Subject, object]]] = {
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
    "widens-a-durable": (f"$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.{_MINE}", _config(("actual.>",), _MINE)),
    "deletes-a-durable": f"$JS.API.CONSUMER.DELETE.EVENTS.{_THEIRS}",
    "pauses-a-durable": (f"$JS.API.CONSUMER.PAUSE.EVENTS.{_THEIRS}", _NEVER),
    "unpins-a-durable": (f"$JS.API.CONSUMER.UNPIN.EVENTS.{_THEIRS}", {"group": "x"}),
    "lists-consumers": "$JS.API.CONSUMER.LIST.EVENTS",
    "names-consumers": "$JS.API.CONSUMER.NAMES.EVENTS",
    "unseats-a-leader": "$JS.API.STREAM.LEADER.STEPDOWN.EVENTS",
    "asks-the-system": "$SYS.REQ.SERVER.PING",
    "kicks-a-connection": ("$SYS.REQ.SERVER.NX.KICK", {"cid": 1}),
}
"""What nobody outside the hub may ask the server."""
OTHERS_DURABLE: Final[dict[str, Subject | tuple[Subject, object]]] = {
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
FACTS: Final[dict[str, Subject | tuple[Subject, object]]] = {
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
}
"""What only one service of the hub may say."""
WAYS_IN: Final = ("offers-a-way-in", "ends-anothers-session", "records-a-way-in")
"""The operator's own work."""
AS_ANOTHER: Final[dict[str, Subject | tuple[Subject, object]]] = {
    "reports-as-another-unit": subjects.report_inbox("beta", "u2"),
    "reports-as-a-unit-of-its-agency": subjects.report_inbox("alpha", "u9"),
    "acts-as-another-desk": subjects.action_inbox("beta", "d2"),
    "acts-as-the-next-desk": subjects.action_inbox("alpha", "x1"),
    "orders-reports-as-another-desk": subjects.reporting_inbox("beta", "d2"),
    "declares-another-desk-away": subjects.desk_inbox("beta", "d2"),
    "beats-for-another-desk": subjects.heartbeat(LIVE, "beta", "d2"),
    "beats-for-the-next-desk": subjects.heartbeat(LIVE, "alpha", "x1"),
    "opens-another-desks-door": desk_durable(LIVE, "beta", "d2"),
    "reads-another-desks-papers": (desk_record(LIVE, "beta", "d2", DeskRecord.PAPERS), {"first": 1}),
    "reads-the-next-desks-papers": (desk_record(LIVE, "alpha", "x1", DeskRecord.PAPERS), {"first": 1}),
    "reads-another-desks-record": (desk_record(LIVE, "beta", "d2", DeskRecord.FEED), {"first": 1}),
    "reads-the-next-desks-record": (desk_record(LIVE, "alpha", "x1", DeskRecord.FEED), {"first": 1}),
    "answers-as-the-hub": subjects.receipts("beta", "u2"),
    "answers-a-request-across": "_R_.abcdefgh.abcdefgh",
    "answers-into-an-inbox": "_INBOX.UAAAAAAAA.1",
}
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

UNIT_ATTACKS: Final = (
    *_tries(UNIT, "A unit would run the hub's store.", SERVER),
    *_tries(UNIT, "A unit would read or lose a desk's dispatches.", OTHERS_DURABLE),
    *_tries(UNIT, "A unit would write the record itself.", FACTS),
    *_tries(UNIT, "A unit would speak in another's name.", AS_ANOTHER | {"acts-as-a-desk": "inbox.action.alpha.d1"}),
    *_tries(
        UNIT,
        "A unit would read how far another's report got.",
        {
            "reads-anothers-ladder": f"$JS.API.DIRECT.GET.LADDERS.{ladder_of(OTHER_UNIT)}",
            "reads-every-ladder": ("$JS.API.DIRECT.GET.LADDERS", {"seq": 1, "next_by_subj": ">", "batch": 9}),
        },
    ),
    *_listens(UNIT, "A unit would hear what is not for it.", EARS | {"a-desks-receipts": "receipt.alpha.d1"}),
)
DESK_ATTACKS: Final = (
    *_tries(DESK, "A desk would run the hub's store.", SERVER),
    *_tries(DESK, "A desk would read or lose another desk's dispatches.", OTHERS_DURABLE),
    *_tries(DESK, "A desk would write the record itself.", FACTS),
    *_tries(DESK, "A desk would speak in another's name.", AS_ANOTHER | {"reports-as-a-unit": "inbox.report.alpha.u1"}),
    *_tries(
        DESK,
        "A desk would escape what it owes by changing its own durable.",
        {
            "deletes-its-durable": f"$JS.API.CONSUMER.DELETE.EVENTS.{_MINE}",
            "pauses-its-durable": (f"$JS.API.CONSUMER.PAUSE.EVENTS.{_MINE}", _NEVER),
        },
    ),
    *_listens(DESK, "A desk would hear what is not for it.", EARS | {"a-units-receipts": "receipt.alpha.u1"}),
)
_DESTROYING: Final = {
    name: SERVER[name]
    for name in (
        *("makes-a-stream", "changes-a-stream", "deletes-a-stream", "empties-a-stream", "copies-a-stream"),
        *("reads-a-message", "deletes-a-durable", "pauses-a-durable", "makes-a-consumer"),
        *("makes-a-passing-consumer", "unseats-a-leader", "asks-the-system"),
    )
} | {"deletes-a-fact": ("$JS.API.STREAM.MSG.DELETE.EVENTS", {"seq": 1})}
_AUTHORITY: Final = {
    name: FACTS[name]
    for name in ("puts-a-regulation-in-force", "approves-a-regulation", "changes-the-register", "sets-a-deadline")
}


def _but(rows: dict[str, Subject | tuple[Subject, object]], *names: str) -> dict[str, Subject | tuple[Subject, object]]:
    return {name: row for name, row in rows.items() if name not in names}


SERVICE_ATTACKS: Final = (
    *_tries(INTAKE, "A hacked intake would destroy or leak what it only passes on.", _DESTROYING),
    *_tries(
        INTAKE, "A hacked intake would decide.", _but(FACTS, "records-a-report", "seals-values", "parks-a-message")
    ),
    *_tries(INTAKE, "A hacked intake would act as desks.", {"acts-as-a-desk": "inbox.action.beta.d2"}),
    *_tries(INTAKE, "A hacked intake would swallow actions.", _but(OTHERS_DURABLE, "x")),
    *_listens(INTAKE, "A hacked intake would read others' answers.", {"every-inbox": "_INBOX.>", "actions": "inbox.>"}),
    *_tries(ROUTING, "A hacked routing would destroy the record it adds to.", _DESTROYING),
    *_tries(
        ROUTING,
        "A hacked routing would invent reports, readings or checkpoints.",
        {
            name: FACTS[name]
            for name in (
                *("records-a-report", "records-a-reading", "records-an-erasure", "admits-somebody"),
                "approves-a-regulation",
            )
        }
        | {name: FACTS[name] for name in ("seals-values", "keeps-a-checkpoint", "lets-a-deadline-pass")},
    ),
    *_tries(
        ROUTING,
        "A hacked routing would act as desks.",
        {name: AS_ANOTHER[name] for name in ("acts-as-another-desk", "declares-another-desk-away")},
    ),
    *_listens(
        ROUTING, "A hacked routing would read others' answers.", {"every-inbox": "_INBOX.>", "facts": "actual.>"}
    ),
    *_tries(AUDIT, "A hacked audit would change what it records.", _DESTROYING),
    *_tries(AUDIT, "A hacked audit would write facts.", FACTS),
    *_tries(NOTARY, "A hacked notary would read or change facts.", _DESTROYING | {"reads": SERVER["reads-directly"]}),
    *_tries(NOTARY, "A hacked notary would write facts.", _but(FACTS, "keeps-a-checkpoint")),
    *_tries(AUDITOR, "Who reads everything would write.", _but(FACTS, "records-a-reading")),
    *_tries(AUDITOR, "Who reads everything would change it.", _DESTROYING | AS_ANOTHER),
    *_tries(
        AUDITOR,
        "Who reads everything would take a desk's dispatches.",
        _but(OTHERS_DURABLE, "looks-at-anothers-durable"),
    ),
    *_listens(AUDITOR, "An auditor would hear secrets of others' requests.", {"every-inbox": "_INBOX.>"}),
    *_tries(
        OPERATOR,
        "Who runs everything would read report bodies.",
        {
            "reads-facts": SERVER["reads-directly"],
            "reads-a-report": f"$JS.API.DIRECT.GET.EVENTS.{OTHERS_REPORT}",
            "reads-a-message": SERVER["reads-a-message"],
            "reads-submissions": ("$JS.API.DIRECT.GET.INBOX", {"seq": 1}),
            "makes-a-consumer": SERVER["makes-a-consumer"],
        },
    ),
    *_tries(
        OPERATOR,
        "Who runs everything would decide.",
        _but(FACTS, "admits-somebody", *WAYS_IN) | AS_ANOTHER,
    ),
    *_tries(OPERATOR, "Who runs everything would destroy.", _DESTROYING),
    *_tries(CUSTODIAN, "Who keeps personal values would decide.", _AUTHORITY | {"records-a-course": COURSE}),
    *_tries(
        PROVISION,
        "Who makes streams would destroy or read them.",
        {
            name: SERVER[name]
            for name in (
                "deletes-a-stream",
                "empties-a-stream",
                "reads-directly",
                "reads-a-message",
                "deletes-a-durable",
            )
        }
        | _AUTHORITY,
    ),
)
OWNER_ATTACKS: Final = (
    *_tries(OWNER, "One approver would stand for both, or put a set in force without being one.", FACTS),
    *_tries(OWNER, "Who drafts the rules would act on what is decided by them.", AS_ANOTHER),
    *_tries(OWNER, "Who drafts the rules would run the hub's store or read reports.", SERVER),
    *_tries(OWNER, "Who drafts the rules would read or lose desks' dispatches.", OTHERS_DURABLE),
    *_listens(OWNER, "Who drafts the rules would hear what is not for them.", EARS),
)
ATTACKS: Final = (*OWNER_ATTACKS, *UNIT_ATTACKS, *DESK_ATTACKS, *SERVICE_ATTACKS)

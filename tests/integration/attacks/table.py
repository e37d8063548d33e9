"""Every attack that is one request, one message or one subscription: who tries what, and what would break."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from contracts.identity import AUDITOR, CUSTODIAN, OPERATOR, PROVISION, Identity
from tests.integration.attacks.arena import (
    AUDIT,
    DESK,
    INTAKE,
    NOTARY,
    OTHER_UNIT,
    OWNER,
    ROUTING,
    UNIT,
    ladder_of,
)
from tests.integration.attacks.rows import (
    ANSWERS,
    AS_ANOTHER,
    AUTHORITY,
    COURSE,
    DESTROYING,
    EARS,
    FACTS,
    MINE,
    NEVER,
    OTHERS_DURABLE,
    OTHERS_REPORT,
    PHOTOGRAPHS,
    RETRIES,
    SERVER,
    WAYS_IN,
    Rows,
    Subject,
    but,
)


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


def _tries(who: Identity, breaks: str, rows: Rows, *, refused: bool = True) -> Iterator[Attack]:
    for what, row in rows.items():
        subject, said = row if isinstance(row, tuple) else (row, None)
        body = b"" if said is None else json.dumps(said).encode()
        yield Attack(f"{who.name}-{what}", who, breaks, subject, body, refused=refused)


def _listens(who: Identity, breaks: str, rows: dict[str, Subject]) -> Iterator[Attack]:
    for what, subject in rows.items():
        yield Attack(f"{who.name}-hears-{what}", who, breaks, subject, verb="subscribe")


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
            "deletes-its-durable": f"$JS.API.CONSUMER.DELETE.EVENTS.{MINE}",
            "pauses-its-durable": (f"$JS.API.CONSUMER.PAUSE.EVENTS.{MINE}", NEVER),
        },
    ),
    *_listens(DESK, "A desk would hear what is not for it.", EARS | {"a-units-receipts": "receipt.alpha.u1"}),
)
SERVICE_ATTACKS: Final = (
    *_tries(INTAKE, "A hacked intake would destroy or leak what it only passes on.", DESTROYING),
    *_tries(
        INTAKE,
        "A hacked intake would decide.",
        but(FACTS, "records-a-report", "seals-values", "parks-a-message", *PHOTOGRAPHS),
    ),
    *_tries(INTAKE, "A hacked intake would act as desks.", {"acts-as-a-desk": "inbox.action.beta.d2"}),
    *_tries(INTAKE, "A hacked intake would swallow actions.", but(OTHERS_DURABLE, "x")),
    *_listens(INTAKE, "A hacked intake would read others' answers.", {"every-inbox": "_INBOX.>", "actions": "inbox.>"}),
    *_tries(ROUTING, "A hacked routing would destroy the record it adds to.", DESTROYING),
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
        | {name: FACTS[name] for name in ("seals-values", "keeps-a-checkpoint", "lets-a-deadline-pass", *PHOTOGRAPHS)},
    ),
    *_tries(
        ROUTING,
        "A hacked routing would act as desks.",
        {name: AS_ANOTHER[name] for name in ("acts-as-another-desk", "declares-another-desk-away")},
    ),
    *_listens(
        ROUTING, "A hacked routing would read others' answers.", {"every-inbox": "_INBOX.>", "facts": "actual.>"}
    ),
    *_tries(AUDIT, "A hacked audit would change what it records.", DESTROYING),
    *_tries(AUDIT, "A hacked audit would write facts.", FACTS),
    *_tries(NOTARY, "A hacked notary would read or change facts.", DESTROYING | {"reads": SERVER["reads-directly"]}),
    *_tries(NOTARY, "A hacked notary would write facts.", but(FACTS, "keeps-a-checkpoint")),
    *_tries(AUDITOR, "Who reads everything would write.", but(FACTS, "records-a-reading")),
    *_tries(AUDITOR, "Who reads everything would change it.", DESTROYING | AS_ANOTHER),
    *_tries(
        AUDITOR,
        "Who reads everything would take a desk's dispatches.",
        but(OTHERS_DURABLE, "looks-at-anothers-durable"),
    ),
    *_listens(AUDITOR, "An auditor would hear secrets of others' requests.", {"every-inbox": "_INBOX.>"}),
    *_tries(
        OPERATOR,
        "Who runs everything would read report bodies.",
        {
            "reads-facts": SERVER["reads-directly"],
            "reads-a-report": f"$JS.API.DIRECT.GET.EVENTS.{OTHERS_REPORT}",
            "reads-a-message": SERVER["reads-a-message"],
            "reads-photographs": SERVER["reads-every-photograph"],
            "reads-submissions": ("$JS.API.DIRECT.GET.INBOX", {"seq": 1}),
            "makes-a-consumer": SERVER["makes-a-consumer"],
        },
    ),
    *_tries(
        OPERATOR,
        "Who runs everything would decide.",
        but(FACTS, "admits-somebody", *WAYS_IN) | AS_ANOTHER,
    ),
    *_tries(OPERATOR, "Who runs everything would destroy.", DESTROYING),
    *_tries(CUSTODIAN, "Who keeps personal values would decide.", AUTHORITY | {"records-a-course": COURSE}),
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
        | AUTHORITY,
    ),
)
OWNER_ATTACKS: Final = (
    *_tries(OWNER, "One approver would stand for both, or put a set in force without being one.", FACTS),
    *_tries(OWNER, "Who drafts the rules would act on what is decided by them.", AS_ANOTHER),
    *_tries(OWNER, "Who drafts the rules would run the hub's store or read reports.", SERVER),
    *_tries(OWNER, "Who drafts the rules would read or lose desks' dispatches.", OTHERS_DURABLE),
    *_listens(OWNER, "Who drafts the rules would hear what is not for them.", EARS),
)
ASKED_BY_OPERATORS: Final = "Who does not run the hub would choose when parked messages are handled."
RETRY_ATTACKS: Final = (
    *(attack for who in (UNIT, DESK, AUDITOR, CUSTODIAN) for attack in _tries(who, ASKED_BY_OPERATORS, RETRIES)),
    *_tries(INTAKE, ASKED_BY_OPERATORS, RETRIES),
    *_tries(OPERATOR, "An operator would say handled of what nobody handled.", {ANSWERS: RETRIES[ANSWERS]}),
    *_listens(DESK, "A desk would hear why others' messages failed.", {"what-came-of-tries": "retried.*.*"}),
)
ATTACKS: Final = (*OWNER_ATTACKS, *UNIT_ATTACKS, *DESK_ATTACKS, *SERVICE_ATTACKS, *RETRY_ATTACKS)

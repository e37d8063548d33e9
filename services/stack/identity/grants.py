"""What each identity may publish and hear: exactly what its work needs. Pure: names in, subjects out.

Nothing here can forge a sender, because every subject that says who sends names that sender whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from contracts import access_subjects, approvals, desk_doors, lease_subjects, retry_subjects, streams, subjects
from contracts import identity as identities
from contracts import server_api as api
from contracts.codes import Space
from contracts.identity import Identity, IdentityKind
from contracts.streams import Consumer
from contracts.subject_words import PATTERNS

DESK_SPACES: Final = (Space.ACTUAL, Space.EXERCISE)
"""Where desks watch."""
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Grant:
    """Subjects that may be published and heard. Everything else is refused."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    answers: bool = False
    """May answer each request it hears, once, wherever that asks to."""


def grant_of(who: Identity) -> Grant:
    """What this identity may do beside hearing its own inbox. Raises `KeyError` for a service or role unheard of."""
    match who.kind:
        case IdentityKind.UNIT:
            return _unit(who.agency or "", who.point)
        case IdentityKind.DESK:
            return _desk(who.agency or "", who.point)
        case IdentityKind.OWNER:
            return Grant(publish=(approvals.steps_of(who.agency or "", who.point),))
        case IdentityKind.SERVICE | IdentityKind.ROLE:
            return HUB_GRANTS[who.name]
        case IdentityKind.WITNESS:
            return Grant(subscribe=(subjects.witness(who.point), subjects.witnessed(who.point)), answers=True)
        case other:
            assert_never(other)


def desk_requests(agency: str, desk: str) -> tuple[str, ...]:
    """Everything a desk may send, each of it to the hub."""
    consumers = [streams.desk_consumer(space, agency, desk) for space in DESK_SPACES]
    return (
        subjects.report_inbox(agency, desk),  # what it logs for a unit that called
        subjects.action_inbox(agency, desk),
        subjects.reporting_inbox(agency, desk),
        subjects.desk_inbox(agency, desk),
        subjects.exercise_inbox(agency, desk),
        *(subjects.heartbeat(space, agency, desk) for space in DESK_SPACES),
        *(desk_doors.desk_durable(space, agency, desk) for space in DESK_SPACES),
        *(desk_doors.desk_record(space, agency, desk, ANY) for space in DESK_SPACES),
        *(desk_doors.desk_attachments(space, agency, desk, ANY) for space in DESK_SPACES),
        *(subject for consumer in consumers for subject in api.consuming(consumer)),
    )


def _unit(agency: str, code: str) -> Grant:
    ladders = _filled(PATTERNS.ladder.replace("{agency}", agency).replace("{unit}", code))
    return Grant(
        publish=(subjects.report_inbox(agency, code), api.last_message(streams.LADDERS.name, ladders)),
        subscribe=(subjects.receipts(agency, code), ladders),
    )


def _desk(agency: str, desk: str) -> Grant:
    return Grant(desk_requests(agency, desk), (subjects.receipts(agency, desk),))


def _filled(pattern: str) -> str:
    """The subjects of a published pattern, with `*` where identities stand, in every space."""
    return re.sub(r"\{\w+\}", ANY, pattern)


def _facts(*patterns: str) -> tuple[str, ...]:
    """The subjects of facts, spelled per space: a leading `*` would also match what people hand in."""
    return tuple(_filled(pattern.replace("{space}", space.value)) for space in Space for pattern in patterns)


def _works(consumers: Iterable[Consumer]) -> tuple[str, ...]:
    """What a service needs to check the server's shape, work through its durables and park what is hopeless."""
    return (
        api.stream_info(),
        *(
            subject
            for consumer in consumers
            for subject in (*api.consuming(consumer), subjects.parked(consumer.stream, consumer.durable))
        ),
    )


def _place(service: str) -> tuple[str, ...]:
    """What an instance needs to have its service's place, or to see who has it."""
    said = lease_subjects.lease(service)
    return said, api.last_message(streams.LEASES.name, said)


def _reads(*names: str) -> tuple[str, ...]:
    return tuple(subject for name in names for subject in api.direct_get(name))


_RECEIPTS: Final = subjects.receipts(ANY, ANY)
_EVENTS, _INBOX = streams.EVENTS.name, streams.INBOX.name
_ROUTING_CONSUMERS: Final = tuple(
    consumer for consumer in streams.CONSUMERS if consumer not in {streams.INTAKE, streams.AUDIT, streams.AUDIT_SEALED}
)
_TRIED_AGAIN: Final = tuple(
    (consumer.stream, consumer.durable) for consumer in _ROUTING_CONSUMERS if streams.is_tried_again(consumer)
)
_LOOKS: Final = (api.stream_info(), api.consumer_info())
_AUDITING: Final = (
    *_reads(streams.CHECKPOINTS.name, streams.ATTACHMENTS.name),
    _filled(PATTERNS.reading),
    *subjects.ALL_WITNESSES,
)

HUB_GRANTS: Final = {
    "service.intake": Grant(
        publish=(
            *_works((streams.INTAKE,)),
            *_place("intake"),
            *api.letting_in("field"),
            *_reads(_EVENTS, streams.ATTACHMENTS.name),
            *streams.ATTACHMENTS.subjects,
            *_facts(PATTERNS.report, PATTERNS.attachment),
            *(_filled(pattern) for pattern in (PATTERNS.sealed, PATTERNS.receipt)),
            subjects.REPORT_INBOX,
            api.message_delete(_INBOX),
            api.last_message(streams.LADDERS.name, subjects.ALL_LADDERS),
            api.REPLIES_ACROSS,
        ),
        subscribe=(_RECEIPTS, desk_doors.ALL_ATTACHMENTS_ASKED),
    ),
    "service.routing": Grant(
        publish=(
            *_works(_ROUTING_CONSUMERS),
            *_place("routing"),
            *_reads(_EVENTS),
            *_facts(PATTERNS.course, PATTERNS.dispatch, PATTERNS.refused_action),
            *_facts(PATTERNS.owed, PATTERNS.regime, PATTERNS.papers, PATTERNS.presence),
            subjects.ALL_REGULATIONS,
            subjects.REGISTER,
            subjects.ALL_SCHEDULES,
            subjects.ALL_LADDERS,
            subjects.ALL_DRILLS,
            subjects.REPORT_INBOX,
            _RECEIPTS,
            api.consumer_info(_EVENTS),
            api.consumer_create(_EVENTS),
            api.REPLIES_ACROSS,
            api.direct_get(streams.PARKED.name)[0],
            api.message_delete(streams.PARKED.name),
            *(retry_subjects.retried(*one) for one in _TRIED_AGAIN),
        ),
        subscribe=(
            subjects.ALL_HEARTBEATS,
            desk_doors.ALL_DURABLES_ASKED,
            desk_doors.ALL_RECORDS_ASKED,
            *(retry_subjects.retry(*one) for one in _TRIED_AGAIN),
        ),
    ),
    "service.desk": Grant(publish=(api.stream_info(), *api.letting_in("desk"))),
    "service.audit": Grant(
        publish=(
            *_works((streams.AUDIT, streams.AUDIT_SEALED)),
            *_place("audit"),
            api.message_delete(streams.SEALED.name),
        )
    ),
    "service.notary": Grant(
        publish=(
            api.stream_info(),
            *_place("notary"),
            *_reads(streams.CHECKPOINTS.name),
            subjects.ALL_CHECKPOINTS,
            *subjects.ALL_WITNESSES,
        )
    ),
    "service.console": Grant(
        publish=(
            *_LOOKS,
            api.STREAM_LIST,
            *_reads(streams.PARKED.name),
            *api.letting_in("status"),
            retry_subjects.ALL_RETRIES,
        ),
        subscribe=(retry_subjects.ALL_RETRIED,),
    ),
    "service.review": Grant(publish=(api.stream_info(), *_AUDITING, *api.letting_in("review"))),
    "service.regulations": Grant(publish=(api.stream_info(), *_reads(_EVENTS), *api.letting_in("regulations"))),
    identities.AUDITOR.name: Grant(publish=(*_LOOKS, *_reads(_EVENTS), *_AUDITING)),
    identities.OPERATOR.name: Grant(
        publish=(
            *_LOOKS,
            api.STREAM_LIST,
            api.STREAM_NAMES,
            api.consumer_names(),
            *_reads(streams.PARKED.name),
            subjects.identity(ANY),
            api.last_message(_EVENTS, subjects.identity(ANY)),
            *_reads(streams.ACCESS.name),
            access_subjects.offered(ANY, ANY),
            access_subjects.ended(ANY, ANY),
            access_subjects.ALL_CHANGES,
            api.last_message(_EVENTS, access_subjects.ALL_CHANGES),
            retry_subjects.ALL_RETRIES,
        ),
        subscribe=(retry_subjects.ALL_RETRIED,),
    ),
    identities.CUSTODIAN.name: Grant(
        publish=(
            _filled(PATTERNS.reading),
            *_facts(PATTERNS.erasure),
            *_LOOKS,
            *_reads(streams.PARKED.name, streams.SEALED.name),
            subjects.REPORT_INBOX,
            _filled(PATTERNS.sealed),
            api.message_delete(streams.PARKED.name),
        )
    ),
    identities.PROVISION.name: Grant(
        publish=(
            *_LOOKS,
            api.consumer_names(),
            api.stream_create(),
            api.stream_update(),
            api.consumer_create(),
        )
    ),
    identities.RESTORER.name: Grant(
        publish=(
            api.stream_info(),
            api.STREAM_NAMES,
            api.passing_consumer(_EVENTS),
            api.next_messages(_EVENTS, ANY),
            f"{api.passing_consumer(_EVENTS)}.>",
        )
    ),
}
"""The hub's own identities. None can delete a stream, a consumer or a fact, and none can empty a stream."""

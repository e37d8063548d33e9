"""Hypothesis strategies for every fact there is, and the envelope around them."""

import base64
from typing import Any, Final

from hypothesis import strategies as st

from contracts.attached import AttachmentStored
from contracts.codes import EscalationStep, Role, Severity, SourceFormat, Space
from contracts.envelope import Event, schema_of, type_of
from contracts.events import (
    ActionRefused,
    DispatchAcknowledged,
    DispatchDelivered,
    DispatchEscalated,
    DispatchIssued,
    IncidentOpened,
    IncidentUpdated,
    Original,
    ReportAccepted,
    ReportRejected,
)
from contracts.frozen import Contract
from contracts.personal import PersonalDataErased, PersonalKind, Sealed
from contracts.reading import AuditRead
from contracts.signatures import Over, ReportSignature
from contracts.taxonomy import Category
from tests.strategies import attachments, counts, instants, lines, paragraphs, reports, scales, tokens
from tests.unit.contracts import activations, drills, identities, life, presences
from tests.unit.contracts.parts import (
    addressees,
    chains,
    citations,
    correlations,
    decisions,
    digests,
    ids,
    obligations,
    officers,
    originals,
    problems,
    report_refs,
    scenes,
    senders,
    sightings,
)

SEALED: Final = st.builds(
    Sealed, kind=st.sampled_from(PersonalKind) | st.sampled_from(["original", "signature"]), commitment=digests
)
SIGNATURES: Final = st.builds(
    ReportSignature,
    by=senders,
    key=st.just("U" + "A" * 55),
    over=st.sampled_from(Over),
    value=st.binary(min_size=64, max_size=64).map(lambda raw: base64.b64encode(raw).decode()),
)

DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {
    ReportAccepted: st.builds(
        ReportAccepted,
        sender=senders,
        received_at=instants,
        content=digests,
        original=originals,
        report=reports(),
        signature=st.none() | SIGNATURES,
    )
    | st.builds(
        ReportAccepted,
        sender=senders,
        received_at=instants,
        content=digests,
        original=st.builds(Original, format=st.sampled_from(SourceFormat), size=st.integers(0, 65_536)),
        report=reports(),
        personal=st.lists(SEALED, min_size=1, max_size=3).map(tuple),
        signature=st.none() | SIGNATURES.map(lambda one: one.model_copy(update={"value": None})),
    ),
    PersonalDataErased: st.builds(
        PersonalDataErased,
        incident=ids,
        reports=st.lists(ids, min_size=1, max_size=3).map(tuple),
        basis=lines,
        by=lines,
        erased_at=instants,
    ),
    ReportRejected: st.builds(
        ReportRejected,
        sender=senders,
        received_at=instants,
        original=originals,
        claimed_report=st.none() | ids,
        problems=problems,
    ),
    AttachmentStored: st.builds(AttachmentStored, report=report_refs, attachment=attachments),
    IncidentOpened: st.builds(
        IncidentOpened,
        incident=ids,
        space=st.sampled_from(Space),
        category=st.sampled_from(Category),
        severity=st.sampled_from(Severity),
        headline=lines,
        report=report_refs,
        decision=decisions,
        sighting=st.none() | sightings,
    ),
    IncidentUpdated: st.builds(
        IncidentUpdated,
        incident=ids,
        report=report_refs,
        correlation=correlations,
        severity=st.sampled_from(Severity),
        decision=st.none() | decisions,
        sighting=st.none() | sightings,
    ),
    DispatchIssued: st.builds(
        DispatchIssued,
        dispatch=ids,
        incident=ids,
        space=st.sampled_from(Space),
        addressee=addressees,
        role=st.sampled_from(Role),
        category=st.sampled_from(Category),
        severity=st.sampled_from(Severity),
        headline=lines,
        place=lines,
        reports=st.lists(report_refs, max_size=2).map(tuple),
        rule=tokens,
        sentence_vi=paragraphs,
        sentence_en=paragraphs,
        citation=citations,
        obligations=st.lists(obligations, max_size=2).map(tuple),
        escalation=chains,
        escalated_from=st.none() | ids,
        text=st.none() | paragraphs,
        counts=st.none() | st.lists(counts, min_size=1, max_size=2).map(tuple),
        scene=st.none() | scenes,
        scales=st.none() | scales,
    ),
    DispatchDelivered: st.builds(DispatchDelivered, dispatch=ids, incident=ids, action=ids, officer=officers),
    DispatchAcknowledged: st.builds(
        DispatchAcknowledged,
        dispatch=ids,
        incident=ids,
        action=ids,
        officer=officers,
        late=st.booleans(),
        note=st.none() | paragraphs,
    ),
    DispatchEscalated: st.builds(
        DispatchEscalated,
        dispatch=ids,
        incident=ids,
        obligation=ids,
        due=instants,
        next=st.none() | ids,
        skipped=chains,
        step=st.none() | st.sampled_from(EscalationStep),
        absent=st.lists(st.sampled_from(EscalationStep), max_size=2).map(tuple),
        alarm=st.booleans(),
    ),
    ActionRefused: st.builds(
        ActionRefused,
        sender=addressees,
        action=st.none() | ids,
        problems=problems,
        current_state=st.none() | lines,
    ),
    AuditRead: st.builds(
        AuditRead,
        login=lines,
        reader=st.none() | lines,
        command=lines,
        sought=st.lists(lines, max_size=2).map(tuple),
        read_at=instants,
        journaled=st.booleans(),
    ),
    **life.DATA,
    **activations.DATA,
    **identities.DATA,
    **presences.DATA,
    **drills.DATA,
}
"""How to draw the data of each fact."""


@st.composite
def events(draw: st.DrawFn) -> Event[Any]:
    """Any fact in its envelope."""
    kind = draw(st.sampled_from(list(DATA)))
    envelope: Any = Event.__class_getitem__(kind)
    event: Event[Any] = envelope(
        id=draw(ids),
        source="/phoihop/test",
        type=type_of(kind),
        subject=draw(lines),
        time=draw(instants),
        dataschema=schema_of(kind),
        incidentid=draw(st.none() | ids),
        correlationid=draw(ids),
        causationid=draw(ids),
        data=draw(DATA[kind]),
    )
    return event

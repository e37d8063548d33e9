"""Hypothesis strategies for the facts that put regulation sets in force."""

from typing import Any, Final

from hypothesis import strategies as st

from contracts.activation import (
    Approver,
    CasesHeld,
    ReferenceRecorded,
    RefusalReason,
    RegulationActivated,
    RegulationActivationCancelled,
    RegulationActivationRefused,
    RegulationApproved,
    RegulationProposed,
    TextKind,
)
from contracts.frozen import Contract
from tests.strategies import instants, lines, tokens

_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
_approvers = st.builds(Approver, role=tokens, agency=tokens)
_held = st.builds(CasesHeld, cases=st.integers(1, 500), sha256=_digests)
_proposal: Final[dict[str, st.SearchStrategy[Any]]] = {
    "proposal": st.uuids(),
    "set": tokens,
    "version": tokens,
    "sha256": _digests,
    "effective": instants,
}

DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {
    ReferenceRecorded: st.builds(
        ReferenceRecorded,
        kind=st.sampled_from(TextKind),
        code=tokens,
        version=tokens,
        sha256=_digests,
        size=st.integers(1, 10_000_000),
        part=st.integers(1, 40),
        parts=st.integers(1, 40),
        content=st.binary(min_size=1, max_size=40),
    ),
    RegulationProposed: st.builds(RegulationProposed, **_proposal, by=_approvers, register_version=tokens, held=_held),
    RegulationApproved: st.builds(RegulationApproved, **_proposal, by=_approvers, register_version=tokens, held=_held),
    RegulationActivated: st.builds(
        RegulationActivated,
        **_proposal,
        basis=st.sampled_from(["approved", "reference"]),
        approvers=st.lists(_approvers, max_size=2).map(tuple),
    ),
    RegulationActivationCancelled: st.builds(
        RegulationActivationCancelled, **_proposal, by=_approvers, reason=st.none() | lines
    ),
    RegulationActivationRefused: st.builds(
        RegulationActivationRefused,
        set=tokens,
        version=tokens,
        sha256=_digests,
        proposal=st.none() | st.uuids(),
        by=st.none() | _approvers,
        step=st.sampled_from(["propose", "approve", "cancel", "take_effect"]),
        reasons=st.lists(st.sampled_from(RefusalReason), min_size=1, max_size=3).map(tuple),
        details=st.lists(lines, max_size=3).map(tuple),
    ),
}
"""How to draw the data of each."""

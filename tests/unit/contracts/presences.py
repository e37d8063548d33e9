"""Hypothesis strategies for the facts about desks: whether they are there, and their shifts."""

from typing import Any, Final

from hypothesis import strategies as st

from contracts.codes import Role, Space
from contracts.decisions import ObligationKind
from contracts.frozen import Contract
from contracts.presence import (
    DeskPresenceChanged,
    OpenDuty,
    OpenPaper,
    OwedThen,
    PresenceChange,
    ShiftHandedOver,
    ShiftHandOverProposed,
)
from tests.strategies import instants, lines, paragraphs, tokens
from tests.unit.contracts.parts import addressees, ids, officers

_spaces = st.sampled_from(Space)
_owed = st.builds(OwedThen, kind=st.sampled_from(ObligationKind), due=instants)
_duties = st.builds(
    OpenDuty,
    dispatch=ids,
    incident=ids,
    role=st.sampled_from(Role),
    state=tokens,
    headline=officers,
    owes=st.lists(_owed, max_size=2).map(tuple),
)
_papers = st.builds(OpenPaper, paper=ids, agency=tokens, title=lines, send_by=st.none() | instants)
_shift: Final[dict[str, st.SearchStrategy[Any]]] = {
    "handover": ids,
    "space": _spaces,
    "desk": addressees,
    "outgoing": lines,
    "incoming": lines,
}

DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {
    DeskPresenceChanged: st.builds(
        DeskPresenceChanged,
        space=_spaces,
        desk=addressees,
        change=st.sampled_from(PresenceChange),
        last_heard=st.none() | instants,
        officer=officers,
        divert_to=st.none() | addressees,
        action=st.none() | ids,
    ),
    ShiftHandOverProposed: st.builds(
        ShiftHandOverProposed,
        **_shift,
        note=st.none() | paragraphs,
        duties=st.lists(_duties, max_size=2).map(tuple),
        papers=st.lists(_papers, max_size=2).map(tuple),
    ),
    ShiftHandedOver: st.builds(ShiftHandedOver, **_shift, proposed=ids, proposed_at=instants, action=ids),
}
"""How to draw the data of each."""

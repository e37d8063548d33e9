"""How to draw facts about who may connect."""

from typing import Any, Final

from hypothesis import strategies as st

from contracts import identity as identities
from contracts.access import AccessChange, AccessChanged, Holder, Role
from contracts.frozen import Contract
from contracts.identity import Identity, IdentityChange, IdentityChanged, IdentityKind
from tests.strategies import instants, lines, tokens

KEYS = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), min_size=55, max_size=55).map(lambda end: f"U{end}")
IDENTITIES = st.one_of(
    st.builds(identities.unit, tokens, tokens),
    st.builds(identities.desk, tokens, tokens),
    st.builds(Identity, kind=st.sampled_from([IdentityKind.SERVICE, IdentityKind.ROLE]), point=tokens),
)


@st.composite
def _changes(draw: st.DrawFn) -> IdentityChanged:
    change = draw(st.sampled_from(IdentityChange))
    return IdentityChanged(
        identity=draw(IDENTITIES),
        change=change,
        key=None if change is IdentityChange.REVOKED else draw(KEYS),
        previous=None if change is IdentityChange.CREATED else draw(KEYS),
        by=draw(lines),
        reason=draw(st.none() | lines),
        changed_at=draw(instants),
    )


@st.composite
def _holders(draw: st.DrawFn) -> Holder:
    role = draw(st.sampled_from(Role))
    pointed = draw(st.sampled_from(sorted(role.points)))
    agency, point = (draw(tokens), draw(tokens)) if pointed else (None, None)
    return Holder(role=role, agency=agency, point=point, name=draw(lines))


@st.composite
def _access(draw: st.DrawFn) -> AccessChanged:
    change = draw(st.sampled_from(AccessChange))
    return AccessChanged(
        access=draw(st.text("0123456789abcdef", min_size=32, max_size=32)),
        section=draw(tokens),
        holder=draw(_holders()),
        change=change,
        device=draw(st.booleans()),
        expires_at=draw(instants) if change is AccessChange.OFFERED else None,
        by=draw(lines),
        reason=draw(st.none() | lines),
        changed_at=draw(instants),
    )


DATA: Final[dict[type[Contract], st.SearchStrategy[Any]]] = {IdentityChanged: _changes(), AccessChanged: _access()}
"""How to draw the data of each fact."""

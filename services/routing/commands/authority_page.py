"""Writes the two tables of authority as one page for people. It decides nothing."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Final, TypeVar

from contracts.code_words import ROLES
from contracts.codes import Role
from contracts.frozen import Contract
from services.routing.authority import REACH, Reach
from services.routing.incident.authority import AUTHORITY, Asked, Stage
from services.routing.incident.state import Standing

_REACHES: Final = {
    Reach.ITSELF: "chính bàn trực ấy / the desk itself",
    Reach.ITS_PAPERS: "văn bản gửi cho bàn trực ấy / papers sent to the desk",
    Reach.ITS_AREA: "địa bàn của cơ quan, loại cơ quan chế độ báo cáo cho phép / "
    "its agency's area, where the reporting regime names that type of agency",
    Reach.ITS_AGENCY_OR_BELOW: "cơ quan mình và cấp dưới; bàn trực giữ quy tắc: mọi cơ quan / "
    "its agency and those below; any, for the desk that answers for the rules",
}
_ALL: Final = "tất cả / all"
_HEAD: Final = """# Who may do what

Written by `phoihop regulations authority` from the tables that decide (`services/routing/incident/authority.py`,
`services/routing/authority.py`); a test compares this page with them. Who sends is the server's word, never a body's.

## On a dispatch

A desk acts on dispatches of its own alone. Its deputy, its superior, other desks of its agency and the lead act on none
but their own: silence, escalation and transfer give each of them one. Whatever is refused is answered with a code of
`contracts/published/problems.json`, in both languages, and recorded (`ActionRefused`).

Held against in this order: whose dispatch (`action.unknown_dispatch`); role, and for a lead whether its desk still
leads or is offered the lead (`action.role`); that the newest decision was seen (`action.version`); how the dispatch and
the incident stand, and what the dispatch asks (`action.not_possible`). A duty goes to any other desk that the
register has that day (`action.unknown_desk`); a merge names only an incident that the desk holds a dispatch of
(`action.unknown_dispatch`).

| act | role | dispatch stands | incident | dispatch asks | former lead too |
|---|---|---|---|---|---|
"""
_BESIDE: Final = """
## Beside dispatches

| act | what it may concern |
|---|---|
"""

E = TypeVar("E", bound=StrEnum)


def page() -> str:
    """The whole page, Markdown."""
    return _HEAD + _lines(_on_dispatches()) + _BESIDE + _lines(_beside())


def _on_dispatches() -> Iterable[tuple[str, ...]]:
    for act, may in AUTHORITY.items():
        yield (
            _name(act),
            _ALL if may.roles == set(Role) else ", ".join(" / ".join(ROLES[one]) for one in Role if one in may.roles),
            _listed(may.standing, Standing),
            _listed(may.stage, Stage),
            _listed(may.asked, Asked),
            "có / yes" if may.former_lead else "–",
        )


def _beside() -> Iterable[tuple[str, ...]]:
    return ((_name(act), _REACHES[reach]) for act, reach in REACH.items())


def _listed(chosen: Collection[E], every: type[E]) -> str:
    """The values in their own order; the rest named instead where that is shorter."""
    missing = [one.value for one in every if one not in chosen]
    if not missing:
        return _ALL
    if len(missing) < len(chosen):
        return f"không / not: {', '.join(missing)}"
    return ", ".join(one.value for one in every if one in chosen)


def _name(act: type[Contract]) -> str:
    return f"`{act.model_fields['type'].default}`"


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)

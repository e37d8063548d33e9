"""Says on one line, in both languages, how a dispatch or an incident stands: the answer to an act that is too late."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Final

from contracts.code_words import RUNGS, Words
from services.routing.incident.state import Dispatch, Incident, Mark, Standing

_HANOI: Final = timezone(timedelta(hours=7))
_LINE: Final = 200
STANDINGS: Final[Mapping[Standing, Words]] = {
    standing: RUNGS.get(standing, ("chưa quyết định", "not decided")) for standing in Standing
}


def already_acknowledged(done: Mark) -> str:
    """Who was first to acknowledge."""
    return f"already acknowledged / đã xác nhận: {_by(done)}"[:_LINE]


def how_it_stands(state: Incident, held: Dispatch) -> str:
    """What an officer who comes second has to know."""
    if state.merged_into:
        return f"merged into / đã nhập vào {state.merged_into}"
    if state.closed:
        return "the incident is closed / sự cố đã kết thúc"
    vi, en = STANDINGS[held.standing]
    stands = f"{en} / {vi}"
    return (f"{stands}: {_by(held.decided)}" if held.decided else stands)[:_LINE]


def _by(mark: Mark) -> str:
    when = mark.at.astimezone(_HANOI).strftime("%Y-%m-%d %H:%M:%S +07:00")  # one zone, no summer time
    return f"{when}, {mark.officer}" if mark.officer else when

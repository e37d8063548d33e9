"""What the facts of an incident are called when people read them, in Vietnamese and English; it decides nothing."""

from collections.abc import Iterator, Mapping
from typing import Final

from contracts.code_words import DECLINES, LISTS, STEPS, Words
from contracts.correlation import Correlation
from contracts.correlation_words import all_said
from contracts.course import LevelChanged
from contracts.decisions import Addressee
from contracts.event_words import CAUSES, EVENTS
from contracts.events import DispatchEscalated, IncidentOpened, IncidentUpdated
from contracts.frozen import Contract
from contracts.reports import Scales
from services.routing.incident.history import State
from services.routing.incident.shown import Knowledge

STATES: Final[dict[State, Words]] = {
    State.OPEN: ("ĐANG MỞ", "OPEN"),
    State.CLOSED: ("ĐÃ KẾT THÚC", "CLOSED"),
    State.MERGED: ("ĐÃ NHẬP VÀO", "MERGED INTO"),
}
KNOWN: Final[dict[Knowledge, Words]] = {
    Knowledge.PROVED: ("đã đến, có bằng chứng", "shown, proved"),
    Knowledge.OWN: ("chính bàn trực làm", "its own act"),
    Knowledge.ACTED_LATER: ("đã có, chưa chứng minh đã đọc", "was there; reading not proved"),
    Knowledge.NO_PROOF: ("CHƯA có bằng chứng đã đến", "NO proof that it arrived"),
}
_CODED: Final[Mapping[str, Mapping[str, Words]]] = {
    **{name: LISTS[name] for name in ("role", "change", "kind", "severity", "disposition", "finding", "answer")},
    "reason": {**DECLINES, **CAUSES},
    "because": CAUSES,
    "step": STEPS,
}
"""Which fields of a fact are said by words, in the order in which they are said."""
_AS_WRITTEN: Final = ("headline", "reason", "text", "summary", "note", "part")
_INCIDENTS: Final = ("into", "absorbed", "released", "out_of", "other")


def sentence(data: Contract) -> Words:
    """A fact in one sentence of each language."""
    vi, en = _called(data)
    said = [*_coded(data), *((text, text) for text in dict.fromkeys(_plain(data)))]
    return _joined(vi, [one for one, _ in said]), _joined(en, [one for _, one in said])


def scales(levels: Scales) -> str:
    """The levels that are set, each on its own scale."""
    return ", ".join(f"{name}={level}" for name, level in levels.model_dump(exclude_none=True).items())


def _called(data: Contract) -> Words:
    if isinstance(data, IncidentUpdated) and data.withdrawn:
        return "Rút báo cáo", "Report withdrawn"
    if isinstance(data, IncidentUpdated) and data.supersedes:
        return "Đính chính báo cáo", "Report corrected"
    return EVENTS[type(data).__name__]


def _joined(first: str, rest: list[str]) -> str:
    return f"{first}: {' · '.join(rest)}" if rest else first


def _coded(data: Contract) -> Iterator[Words]:
    for name, words in _CODED.items():
        value = _value(data, name)
        # how grave it is goes without saying where that is not what changed
        if isinstance(value, str) and value in words and (name != "severity" or isinstance(data, LevelChanged)):
            yield words[value]
    if isinstance(why := _value(data, "correlation"), Correlation):
        yield all_said(why.reasons)
    if isinstance(data, DispatchEscalated):
        yield from _beyond(data)


def _beyond(data: DispatchEscalated) -> Iterator[Words]:
    """Which steps were left out, and when people must be woken by other means."""
    for step in data.absent:
        vi, en = STEPS[step]
        yield f"danh bạ không có {vi}", f"the register names no {en.removeprefix('the ')}"
    if data.next is None:
        yield "hết nơi để chuyển", "nobody left to ask"
    if data.alarm:
        yield "BÁO ĐỘNG", "ALARM"


def _plain(data: Contract) -> Iterator[str]:
    """What reads alike in both languages: desks, posts, ids, and what people wrote."""
    if (taker := _value(data, "taker")) is not None:
        yield f"{_name(_value(data, 'giver'))} → {_name(taker)}"
    if isinstance(data, IncidentOpened | IncidentUpdated):
        yield f"{data.report.sender.agency}/{data.report.sender.unit}"
    if isinstance(data, LevelChanged) and (told := scales(data.scales)):
        yield told
    for name in _INCIDENTS:
        if (other := _value(data, name)) is not None:
            yield f"→ {other}"
    for name in _AS_WRITTEN:
        text = _value(data, name)
        if isinstance(text, str) and text not in _CODED.get(name, {}):
            yield text


def _value(data: Contract, name: str) -> object:
    return getattr(data, name, None)


def _name(who: object) -> str:
    if isinstance(who, Addressee):
        return f"{who.agency}/{who.desk}"
    return "–" if who is None else str(who)

"""Says what one recorded event tells, line by line in Vietnamese and English; the bytes remain what was recorded.

It reads the JSON itself and knows members by name, so events that are still to come are told as far as they look alike.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from contracts.code_words import SCALES, SCENE, said
from contracts.correlation import Correlation
from contracts.correlation_words import all_said
from services.runtime.terminal import local_date_time

_WORDS: Final = ("headline", "place", "note", "text", "reason", "summary", "part")


class Told(NamedTuple):
    """One line, in both languages; the same where the words are the sender's own."""

    vi: str
    en: str


def gist(body: bytes) -> tuple[Told, ...]:
    """What an event says, shortest first; nothing for what is no event."""
    try:
        data = from_json(body)["data"]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(_lines(data)) if isinstance(data, Mapping) else ()


def _lines(data: Mapping[str, Any]) -> Iterator[Told]:
    for name in _WORDS:
        if isinstance(word := data.get(name), str):
            yield Told(word, word)
    yield from _reported(data.get("report"))
    yield from _seen(data)
    yield from _signed(data)
    yield from _recipient(data)
    yield from _chain(data)
    yield from _owed(data)
    if isinstance(data.get("late"), bool):
        yield Told("trễ hạn", "late") if data["late"] else Told("đúng hạn", "in time")
    if isinstance(officer := data.get("officer"), str):
        yield Told(f"Người trực: {officer}", f"Officer on duty: {officer}")
    yield from _alike(data.get("correlation"))
    yield from _decided(data.get("decision"))


def _reported(report: object) -> Iterator[Told]:
    """A report that was accepted: its own words, as they were received."""
    if not isinstance(report, Mapping):
        return
    for name in ("headline", "description"):
        if isinstance(word := report.get(name), str):
            yield Told(word, word)
    methane = report.get("methane")
    scene = {**methane, **report} if isinstance(methane, Mapping) else report
    yield from _seen({"scene": scene, "counts": report.get("counts"), "scales": report.get("scales")})


def _seen(data: Mapping[str, Any]) -> Iterator[Told]:
    """Figures with their sources, the scene, and the levels, where the event tells them."""
    counts, scene, scales = (data.get(name) for name in ("counts", "scene", "scales"))
    for count in counts if isinstance(counts, list) else []:
        if isinstance(count, Mapping):
            (vi, en), unit = said("count", str(count.get("of"))), said("unit", str(count.get("unit")))
            value, source = f"{count.get('value')}".removesuffix(".0"), count.get("source")
            yield Told(f"{vi}: {value} {unit[0]} ({source})", f"{en}: {value} {unit[1]} ({source})")
    scene, scales = (one if isinstance(one, Mapping) else {} for one in (scene, scales))
    for name, (vi, en) in SCENE.items():
        if isinstance(told := scene.get(name), str | list) and told:
            text = told if isinstance(told, str) else "; ".join(map(str, told))
            yield Told(f"{vi}: {text}", f"{en}: {text}")
    for name, (vi, en) in SCALES.items():
        if level := scales.get(name):
            yield Told(f"{vi} {level}", f"{en} {level}")


def _signed(data: Mapping[str, Any]) -> Iterator[Told]:
    """Whose key signed a report, and who only carried it. The bytes prove it, not this line."""
    signature, sender = data.get("signature"), data.get("sender")
    if not isinstance(signature, Mapping) or not isinstance(by := signature.get("by"), Mapping):
        return
    author = f"{by.get('agency')}/{by.get('unit')}"
    yield Told(f"Ký bởi {author}, khóa {signature.get('key')}", f"Signed by {author}, key {signature.get('key')}")
    if isinstance(sender, Mapping) and sender != by:
        carrier = f"{sender.get('agency')}/{sender.get('unit')}"
        yield Told(f"Chuyển hộ bởi {carrier}", f"Carried by {carrier}")


def _alike(told: object) -> Iterator[Told]:
    """Why it is taken, or suggested, to be about the incident; reasons still to come are left to the recorded bytes."""
    if isinstance(told, Mapping):
        with suppress(ValidationError):
            why = Correlation.model_validate_json(to_json(told))
            vi, en = all_said(why.reasons)
            yield Told(f"Giống nhau {why.score:.2f}: {vi}", f"Alike {why.score:.2f}: {en}")


def _recipient(data: Mapping[str, Any]) -> Iterator[Told]:
    if desk := _desk(data.get("addressee")):
        vi, en = said("role", str(data.get("role")))
        yield Told(f"Gửi {desk}: {vi}", f"To {desk}: {en}")
    if isinstance(sentence := data.get("sentence_vi"), str):
        yield Told(sentence, str(data.get("sentence_en")))
    if isinstance(citation := data.get("citation"), Mapping):
        yield Told(f"Căn cứ: {citation.get('text')}", f"Basis: {citation.get('text')}")


def _chain(data: Mapping[str, Any]) -> Iterator[Told]:
    """Which step of the chain on silence was taken, which were left out, whether an alarm was raised."""
    if isinstance(step := data.get("step"), str):
        vi, en = said("step", step)
        yield Told(f"Chuyển tới {vi}", f"To {en}")
    absent = data.get("absent")
    for left_out in absent if isinstance(absent, list) else []:
        vi, en = said("step", str(left_out))
        yield Told(f"Danh bạ không có {vi}", f"The register names no {en.removeprefix('the ')}")
    if data.get("alarm") is True:
        yield Told("Báo động", "Alarm")


def _owed(data: Mapping[str, Any]) -> Iterator[Told]:
    listed = data.get("obligations")
    single = [data.get(name) for name in ("obligation", "next", "repeat")]
    for owed in [*(listed if isinstance(listed, list) else []), *single]:
        if isinstance(owed, Mapping) and (due := _time(owed.get("due"))):
            vi, en = said("kind", str(owed.get("kind")))
            yield Told(f"Hạn {vi}: {due}", f"Due by {due}: {en}")
    if due := _time(data.get("due")):
        yield Told(f"Hạn: {due}", f"Due: {due}")


def _decided(made: object) -> Iterator[Told]:
    if not isinstance(made, Mapping):
        return
    by, register = f"{made.get('set')} {made.get('set_version')}", made.get("register_version")
    yield Told(f"Theo bộ quy tắc {by}, danh bạ {register}", f"By regulations {by}, register {register}")
    assignments = made.get("assignments")
    for each in assignments if isinstance(assignments, list) else []:
        if isinstance(each, Mapping) and (desk := _desk(each.get("addressee"))):
            vi, en = said("role", str(each.get("role")))
            yield Told(f"{desk}: {vi} ({each.get('rule')})", f"{desk}: {en} ({each.get('rule')})")


def _desk(addressee: object) -> str | None:
    return f"{addressee.get('agency')}/{addressee.get('desk')}" if isinstance(addressee, Mapping) else None


def _time(text: object) -> str | None:
    try:
        return local_date_time(datetime.fromisoformat(text)) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None

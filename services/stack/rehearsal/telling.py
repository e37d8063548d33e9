"""What a rehearsal prints, in Vietnamese and English: each step with what it brought, and what it all came to."""

from collections.abc import Iterator
from typing import Any, Final

from rich.markup import escape

from contracts.envelope import Event
from services.audit.words import event_name
from services.runtime.terminal import Language, local_time
from services.stack.rehearsal.playing import Rehearsal, Seen
from services.stack.rehearsal.record import Record
from services.stack.rehearsal.staging import Result

SHOWN: Final = 4
"""Desks named in one line; how many more there are is said."""
_QUIET: Final = frozenset({"DispatchDelivered", "DispatchAcknowledged", "ObligationExcused"})
"""What happens at every desk in every step: counted, not listed."""


def step_lines(rehearsal: Rehearsal, seen: Seen, language: Language) -> Iterator[str]:
    """One step: when, what, and the facts it brought."""
    record = rehearsal.record
    mark = "[green]✓[/]" if seen.as_expected else "[bold red]✗[/]"
    number = f"{len(rehearsal.steps)}/{len(rehearsal.script.steps)}"
    yield f"{mark} [bold]{number} {escape(language.pick(seen.step.vi, seen.step.en))}[/]  [dim]{seen.seconds:.1f} s[/]"
    facts = record.facts[seen.first :]
    for at, letter, kind, desks in _grouped(record, facts):
        more = f" +{len(desks) - SHOWN}" if len(desks) > SHOWN else ""
        whose = f": {', '.join(desks[:SHOWN])}{more}" if desks else ""
        yield f"    [dim]{at} {letter}[/] {escape(event_name(language, kind))}{escape(whose)}"
    if counted := _counted(facts, language):
        yield f"    [dim]{counted}[/]"
    leads = {letter: record.watch.lead(incident) for letter, incident in record.incidents.items()}
    over = language.pick("không (đã kết thúc hoặc nhập)", "nobody (over or merged)")
    said = ", ".join(f"{letter}: {lead or over}" for letter, lead in leads.items())
    yield f"    {language.pick('Chủ trì', 'Lead')} {escape(said)}"
    for letter in seen.step.commands:
        who = record.watch.courses[record.incidents[letter]].commander or "-"
        yield f"    {language.pick('Chỉ huy tại hiện trường', 'In command on scene')} {letter}: {escape(who)}"
    yield from _wrong(seen, language)


def closing_lines(result: Result, language: Language) -> Iterator[str]:
    """What the rehearsal came to."""
    told, owed = result.document, result.document["obligations"]
    yield ""
    yield language.pick(
        f"[bold]Nghĩa vụ[/]  {owed['arisen']} phát sinh, {owed['forgotten']} bị bỏ quên, "
        f"{owed['fired']} quá hạn có xử lý, {owed['fired_twice']} kích hoạt hai lần",
        f"[bold]Obligations[/]  {owed['arisen']} arose, {owed['forgotten']} forgotten, "
        f"{owed['fired']} deadlines fired, {owed['fired_twice']} fired twice",
    )
    sound = language.pick("nguyên vẹn", "sound") if told["ledger"]["verified"] else language.pick("BỊ SỬA", "CHANGED")
    yield language.pick(
        f"[bold]Sổ[/]        {told['facts']} sự kiện của diễn tập, {told['ledger']['entries']} mục, {sound}",
        f"[bold]Ledger[/]       {told['facts']} facts of the exercise, {told['ledger']['entries']} entries, {sound}",
    )
    if told["kills"]:
        yield language.pick(
            f"[bold]kill -9[/]   routing bị giết {told['kills']} lần giữa lúc gửi và lúc trả lời",
            f"[bold]kill -9[/]      routing was killed {told['kills']} times between sending and receipt",
        )
    yield from _looked_back(result, language)
    for fault in result.faults:
        yield f"[bold red]✗[/] {escape(language.pick(*fault))}"
    yield (
        language.pick("[green]✓ Đúng kịch bản.[/]", "[green]✓ As scripted.[/]")
        if result.sound
        else language.pick("[bold red]✗ Không đúng kịch bản.[/]", "[bold red]✗ Not as scripted.[/]")
    )


def _looked_back(result: Result, language: Language) -> Iterator[str]:
    """The first incident at each instant, and what came of what was owed."""
    for one in result.glimpses:
        command = one.commander or "-"
        yield language.pick(
            f"[bold]Lúc {one.local}[/]  chủ trì {one.lead}, chỉ huy hiện trường {escape(command)}; "
            f"{one.facts} sự kiện, {one.desks} bàn trực đã được biết {one.shown} điều, chứng minh được {one.proved}",
            f"[bold]At {one.local}[/]  {one.lead} led, in command on scene {escape(command)}; "
            f"{one.facts} facts, {one.desks} desks had been shown {one.shown}, {one.proved} of them provably",
        )
        yield f"    [dim]phoihop incident show {one.incident} --at {one.at.isoformat()}[/]"
    owed = result.reckoned
    yield language.pick(
        f"[bold]Báo cáo nghĩa vụ[/]  {owed.owed} phải làm: {owed.met} đúng hạn, {owed.late} trễ, "
        f"{owed.breached} vi phạm, {owed.excused} được miễn, {owed.open} chưa đến hạn",
        f"[bold]Obligations report[/]  {owed.owed} owed: {owed.met} met, {owed.late} late, "
        f"{owed.breached} breached, {owed.excused} excused, {owed.open} open",
    )
    yield "    [dim]phoihop audit report --space exercise[/]"


def _grouped(record: Record, facts: list[Event[Any]]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Facts of one kind at one instant in one line."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for event in facts:
        if type(event.data).__name__ not in _QUIET:
            key = local_time(event.time), record.letter(event.data.incident), event.type
            desk = record.desk(event)
            lines.setdefault(key, []).extend([desk] if desk else [])
    yield from ((*key, desks) for key, desks in lines.items())


def _counted(facts: list[Event[Any]], language: Language) -> str:
    counts: dict[str, int] = {}
    for event in facts:
        if type(event.data).__name__ in _QUIET:
            name = event_name(language, event.type)
            counts[name] = counts.get(name, 0) + 1
    return "; ".join(f"{name} ×{count}" for name, count in counts.items())


def _wrong(seen: Seen, language: Language) -> Iterator[str]:
    """What a step should have brought and did not."""
    for one in seen.missing:
        what = " ".join(filter(None, one))
        yield f"    [bold red]✗[/] {language.pick('thiếu', 'missing')}: {escape(what)}"
    for letter, lead in seen.leads.items():
        wanted = seen.step.leads[letter] or "-"
        yield f"    [bold red]✗[/] {letter}: {escape(lead or '-')} {language.pick('thay vì', 'instead of')} {wanted}"
    for letter, who in seen.commands.items():
        wanted = seen.step.commands[letter]
        instead = language.pick("thay vì", "instead of")
        yield f"    [bold red]✗[/] {letter}: {escape(who or '-')} {instead} {escape(wanted)}"
    if seen.problem:
        yield f"    [bold red]✗[/] {escape(seen.problem)}"

"""Tells the story as it happens: facts and receipts in, lines for people out. It decides and counts nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from rich.markup import escape

from contracts.codes import Role, Space
from contracts.correlation_words import all_said
from contracts.decisions import Addressee, Decision, ObligationKind
from contracts.envelope import Event
from contracts.events import (
    DispatchAcknowledged,
    DispatchEscalated,
    DispatchIssued,
    IncidentOpened,
    IncidentUpdated,
)
from contracts.lifecycle import DispatchAccepted, ObligationBreached, ObligationMet
from contracts.problems import Problem
from contracts.receipts import Outcome, Receipt
from contracts.reports import Report, ReportRef, Sender
from contracts.taxonomy import CATEGORIES
from services.routing.incident.places import POSITION_UNKNOWN
from services.runtime.terminal import Language
from services.stack.demo.chronicle import Chronicle, lead_of
from services.stack.demo.names import Names, priority
from services.stack.demo.pace import Pace
from services.stack.demo.scenario import Conduct, Filing

_INDENT = " " * 10
_SILENT: Final = {
    ObligationKind.ACKNOWLEDGE: ("không tiếp nhận trong", "did not acknowledge within"),
    ObligationKind.DECIDE: ("không quyết định trong", "did not decide within"),
    ObligationKind.FIRST_REPORT: ("không báo cáo trong", "did not report within"),
}


class Passage(NamedTuple):
    """Some lines of the story, and when what they tell happened by the hub's clock."""

    at: datetime
    lines: tuple[str, ...]


@dataclass(slots=True)
class Teller:
    """Remembers what was told, so that later lines can refer to it."""

    names: Names
    language: Language
    pace: Pace
    chronicle: Chronicle
    """As it is after the facts being told."""
    _numbers: dict[UUID, str] = field(default_factory=dict)
    _leads: dict[UUID, Addressee] = field(default_factory=dict)
    _issued: dict[UUID, Event[DispatchIssued]] = field(default_factory=dict)

    def facts(self, events: Iterable[Event[Any]]) -> Iterator[Passage]:
        """What facts recorded since the last time say; answers of one incident share a line."""
        told = [event for event in events if event.incidentid is not None]
        issued: defaultdict[UUID, list[Event[DispatchIssued]]] = defaultdict(list)
        for event in told:
            if isinstance(event.data, DispatchIssued):
                self._issued[event.data.dispatch] = event
                issued[event.causationid].append(event)
        for event in told:
            if lines := tuple(self._lines(event, issued[event.causationid])):
                yield Passage(event.time, lines)
        for kind, tell in ((DispatchAcknowledged, self._acknowledged), (DispatchAccepted, self._taken)):
            for incident, given in _by_incident(event for event in told if isinstance(event.data, kind)).items():
                yield Passage(given[-1].time, (tell(incident, given),))

    def receipt(self, filing: Filing, receipt: Receipt, at: datetime) -> Passage:
        """What a unit hears that brings nothing new on record: a duplicate, or a refusal with its reasons."""
        note = f" ({escape(filing.note)})" if filing.note else ""
        who = escape(self._unit(filing))
        lines: list[str] = []
        for each in receipt.reports:
            if each.outcome is Outcome.DUPLICATE:
                said = self._pick("gửi lại: trùng, không ghi thêm", "sent again: a duplicate, nothing new on record")
                lines.append(f"{self.pace.wall(at)}  [dim]=[/] {who} {said}{note}")
            elif each.outcome is not Outcome.ACCEPTED:
                said = self._pick("báo cáo bị từ chối", "report refused")
                lines.append(f"{self.pace.wall(at)}  [red]✗[/] {who}: {said}{note}")
                lines += map(self._reason, each.problems)
        return Passage(at, tuple(lines))

    def back(self, conduct: Conduct, at: datetime) -> Passage:
        """A desk that was away is there again."""
        agency, desk = conduct.origin
        who = escape(self.names.desk(Addressee(agency=agency, desk=desk)))
        said = self._pick("có mạng lại, nhận hết việc đã chờ", "is back online and gets all that waited")
        return Passage(at, (f"{self.pace.wall(at)}  [blue]↺[/] {who} {said}",))

    def _reason(self, problem: Problem) -> str:
        words = problem.wording
        text, fix = self._pick(words.vi, words.en), self._pick(words.fix_vi, words.fix_en)
        return f"{_INDENT}[red]{problem.code.value}[/] {escape(problem.field)}: {escape(text)} → {escape(fix)}"

    def _lines(self, event: Event[Any], issued: list[Event[DispatchIssued]]) -> Iterator[str]:
        match event.data:
            case IncidentOpened():
                yield from self._opened(event, issued)
            case IncidentUpdated():
                yield from self._joined(event, issued)
            case DispatchEscalated():
                yield from self._escalated(event)
            case ObligationMet():
                yield self._reported_back(event)
            case ObligationBreached():
                yield self._missing(event)
            case _:
                pass

    def _opened(self, event: Event[IncidentOpened], issued: list[Event[DispatchIssued]]) -> Iterator[str]:
        data = event.data
        self._numbers[data.incident] = self._number(data.space)
        self._leads[data.incident] = lead_of(data.decision)
        place = self._place(issued[0].data.place) if issued else ""
        headline = f"[bold]{escape(data.headline)}[/]"
        yield f"{self._head(event)}  {priority(data.severity)}  {headline}  [dim]{escape(place)}[/]"
        name = CATEGORIES[data.category]
        yield f"{_INDENT}[dim]{self._pick(name.vi, name.en)} · {self._from(data.report)}[/]"
        yield from self._recipients(issued)

    def _joined(self, event: Event[IncidentUpdated], issued: list[Event[DispatchIssued]]) -> Iterator[str]:
        data = event.data
        yield f"{self._head(event)}  [bold]+[/] {escape(self._reported(data.report).headline)}"
        why = self._pick(*all_said(data.correlation.reasons, self.names.area))
        joined = self._pick("cùng sự cố", "same incident")
        yield f"{_INDENT}[dim]{self._from(data.report)} · {joined}: {escape(why)}[/]"
        if data.decision is not None:
            yield from self._new_lead(data.incident, data.decision)
        yield from self._recipients(issued)

    def _new_lead(self, incident: UUID, decision: Decision) -> Iterator[str]:
        before, after = self._leads[incident], lead_of(decision)
        self._leads[incident] = after
        if before != after:
            said = self._pick("chủ trì chuyển từ", "the lead passes from"), self._pick("sang", "to")
            was, now = escape(self.names.desk(before)), escape(self.names.desk(after))
            yield f"{_INDENT}[bold magenta]⇄[/] {said[0]} {was} {said[1]} [bold]{now}[/]"

    def _recipients(self, issued: Iterable[Event[DispatchIssued]]) -> Iterator[str]:
        """One line per role, deadline and legal basis; those who are only informed come last, on one line."""
        groups: dict[tuple[Role, str, str], list[str]] = {}
        informed = []
        for event in issued:
            data, name = event.data, escape(self.names.desk(event.data.addressee))
            if data.role is Role.INFORM:
                informed.append(name)
            else:
                key = data.role, self._deadline(event), escape(self.names.basis(data.citation))
                groups.setdefault(key, []).append(name)
        said = ""
        for (role, deadline, basis), desks in groups.items():
            shown = basis if basis != said else self._pick("như trên", "as above")
            said = basis
            yield f"{_INDENT}→ [bold]{self.names.role(role):10}[/] {', '.join(desks)}  {deadline}  [dim]{shown}[/]"
        if informed:
            yield f"{_INDENT}[dim]· {self.names.role(Role.INFORM):10} {', '.join(informed)}[/]"

    def _deadline(self, event: Event[DispatchIssued]) -> str:
        owed = event.data.obligations
        if not owed:
            return ""
        told = self.names.duration(self.pace.told(owed[0].due - event.time))
        return f"{self._pick('hạn tiếp nhận', 'acknowledge within')} {told}"

    def _escalated(self, event: Event[DispatchEscalated]) -> Iterator[str]:
        data, silent = event.data, self._issued[event.data.dispatch]
        who, waited = escape(self.names.desk(silent.data.addressee)), self.pace.told(data.due - silent.time)
        seen = self.chronicle.delivered.get(data.dispatch)
        reached = (
            f"{self._pick('đã đến màn hình lúc', 'on its screen since')} {self.pace.wall(seen.time)}"
            if seen
            else self._pick("chưa hề đến nơi", "it never got there")
        )
        asked = self.chronicle.watch.arisen[data.obligation].kind
        no = self._pick(*_SILENT.get(asked, _SILENT[ObligationKind.FIRST_REPORT]))
        yield f"{self._head(event)}  [bold yellow]![/] {who} {no} {self.names.duration(waited)} ({reached})"
        for desk in data.skipped:
            skipped = self._pick("đang giữ vai trò cao hơn, bỏ qua", "is in charge already, passed over")
            yield f"{_INDENT}[dim]· {escape(self.names.desk(desk))} {skipped}[/]"
        if data.alarm:
            yield f"{_INDENT}[bold red]{self._pick('BÁO ĐỘNG', 'ALARM')}[/]"
        if data.next is None:
            yield f"{_INDENT}[bold red]{self._pick('hết cấp để chuyển', 'nobody left to escalate to')}[/]"
        else:
            yield from self._recipients([self._issued[data.next]])

    def _acknowledged(self, incident: UUID, events: list[Event[DispatchAcknowledged]]) -> str:
        answers = []
        for event in events:
            issued = self._issued[event.data.dispatch]
            after = self.names.duration(self.pace.told(event.time - issued.time))
            late = f", [yellow]{self._pick('trễ hạn', 'late')}[/]" if event.data.late else ""
            answers.append(f"{escape(self.names.desk(issued.data.addressee))} ({after}{late})")
        took = self._pick("tiếp nhận", "acknowledged")
        return f"{self.pace.wall(events[-1].time)}  {self._numbers[incident]}  [green]✓[/] {took}: {', '.join(answers)}"

    def _taken(self, incident: UUID, events: list[Event[DispatchAccepted]]) -> str:
        answers = []
        for event in events:
            issued = self._issued[event.data.dispatch]
            after = self.names.duration(self.pace.told(event.time - issued.time))
            what = self._pick("đồng ý", "consents") if issued.data.consents_to else self.names.role(issued.data.role)
            answers.append(f"{escape(self.names.desk(issued.data.addressee))}: {what} ({after})")
        took = self._pick("nhận việc", "taken")
        return f"{self.pace.wall(events[-1].time)}  {self._numbers[incident]}  [green]✓[/] {took}: {', '.join(answers)}"

    def _reported_back(self, event: Event[ObligationMet]) -> str:
        who = escape(self.names.desk(self._issued[event.data.dispatch].data.addressee))
        said = self._pick("đã báo cáo kết quả", "has reported what was done")
        line = f"{self._head(event)}  [green]✓[/] {who} {said}"
        if (following := event.data.next) is None:
            return line
        within = self.names.duration(self.pace.told(following.due - event.time))
        return f"{line} ({self._pick('báo cáo tiếp trong', 'again within')} {within})"

    def _missing(self, event: Event[ObligationBreached]) -> str:
        who = escape(self.names.desk(self._issued[event.data.dispatch].data.addressee))
        said = self._pick("chưa có báo cáo kết quả, đề nghị gửi ngay", "has not reported what was done: please send")
        return f"{self._head(event)}  [bold yellow]![/] {who} {said}"

    def _head(self, event: Event[Any]) -> str:
        incident = event.data.incident
        exercise = self._pick("[DIỄN TẬP]", "[EXERCISE]")
        tag = f"  [magenta]{escape(exercise)}[/]" if self._numbers[incident].startswith("DT") else ""
        return f"{self.pace.wall(event.time)}  {self._numbers[incident]}{tag}"

    def _place(self, place: str) -> str:
        return self._pick("chưa rõ vị trí", "position unknown") if place == POSITION_UNKNOWN else place

    def _number(self, space: Space) -> str:
        prefix = "SC" if space is Space.ACTUAL else "DT"
        return f"{prefix}-{1 + sum(number.startswith(prefix) for number in self._numbers.values()):02}"

    def _reported(self, ref: ReportRef) -> Report:
        return self.chronicle.accepted[ref.event].data.report

    def _from(self, ref: ReportRef) -> str:
        return f"{self._pick('báo:', 'reported by')} {escape(self.names.sender(ref.sender))}"

    def _unit(self, filing: Filing) -> str:
        agency, unit = filing.origin
        return self.names.sender(Sender(agency=agency, unit=unit))

    def _pick(self, vi: str, en: str) -> str:
        return self.language.pick(vi, en)


def _by_incident(events: Iterable[Event[Any]]) -> dict[UUID, list[Event[Any]]]:
    found: defaultdict[UUID, list[Event[Any]]] = defaultdict(list)
    for event in events:
        found[event.data.incident].append(event)
    return found

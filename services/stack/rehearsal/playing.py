"""Plays a script over the bus as units and desks would, one step after the other, and sees what each brought."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from nats.aio.client import Client

from contracts.actions import Acknowledge, Action, Deliver
from contracts.codes import Space, Status
from contracts.decisions import ObligationKind
from contracts.envelope import read
from contracts.events import DispatchIssued
from contracts.identifiers import new_id
from contracts.identity import desk as desk_named
from contracts.identity import unit
from contracts.receipts import ActionReceipt, Outcome
from contracts.streams import EVENTS, INBOX
from contracts.subjects import EVERYTHING, Origin
from services.desk.client import DeskClient
from services.runtime.clock import monotonic, now
from services.runtime.jetstream import api, read_subject
from services.runtime.sending import NoReceiptError, report_sender
from services.runtime.terminal import VIETNAM
from services.stack.identity.lines import Lines
from services.stack.rehearsal.killing import Killer
from services.stack.rehearsal.record import Record
from services.stack.rehearsal.steps import Brought, Does, Files, Script, Step, Waits, origin, party

OFFICER: Final = "Trực ban (diễn tập)"
PATIENCE: Final = 45.0
"""Seconds a step may take beyond the silence it waits for."""
LOOK_SECONDS: Final = 0.1
SILENCE: Final = timedelta(minutes=7, seconds=30)
"""Asked, asked again after the time to acknowledge, escalated after half of it; by the reference rules."""


@dataclass(frozen=True, slots=True)
class Done:
    """One act as it was sent."""

    sender: Origin
    action: Action
    receipt: ActionReceipt | None
    """None: no receipt came in time; what it did is in EVENTS all the same."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one step."""

    step: Step
    first: int
    """Position of its first fact in the record."""
    missing: tuple[Brought, ...]
    leads: dict[str, str | None]
    """Who leads, where the script says something else."""
    commands: dict[str, str | None]
    """Who commands on scene, where the script says something else."""
    problem: str | None
    """Why a report or act of the script was not taken; None where it was."""
    seconds: float

    @property
    def as_expected(self) -> bool:
        """Whether the facts say what the script says."""
        return not (self.missing or self.leads or self.commands or self.problem)


@dataclass(slots=True)
class Rehearsal:
    """One run of a script in the exercise space."""

    parties: Lines
    client: Client
    """The hub's record, for reading."""
    script: Script
    time_scale: float = 1.0
    killer: Killer | None = None
    seen: Callable[["Rehearsal", Seen], None] = lambda _rehearsal, _seen: None
    """Called after every step."""
    record: Record = field(default_factory=Record)
    done: list[Done] = field(default_factory=list)
    steps: list[Seen] = field(default_factory=list)
    sequence: int = 0
    """How far EVENTS was read."""
    _silent: set[str] = field(default_factory=set)
    _desks: dict[str, DeskClient] = field(default_factory=dict)
    _delivered: set[UUID] = field(default_factory=set)
    _answered: set[UUID] = field(default_factory=set)
    _filed: dict[str, UUID] = field(default_factory=dict)

    async def play(self) -> None:
        """Every step, whatever came of the one before."""
        self.sequence = (await api(self.client, f"STREAM.INFO.{EVENTS.name}"))["state"]["last_seq"]
        self._silent = {self.script.silent}
        for number, step in enumerate(self.script.steps):
            began, first = monotonic(), len(self.record.facts)
            problem = await self._do(step, number)
            await self._until(step, first)
            if step.attends:
                self._silent.discard(step.attends)
            await self._answer()
            missing, leads = self._found(step, first)
            commands = self._commanded(step)
            self.steps.append(Seen(step, first, missing, leads, commands, problem, round(monotonic() - began, 1)))
            self.seen(self, self.steps[-1])

    async def read(self) -> None:
        """Takes in what EVENTS holds by now."""
        async for stored in read_subject(self.client, EVENTS.name, EVERYTHING, self.sequence + 1):
            self.record.take(read(stored.body))
            self.sequence = stored.sequence

    async def _do(self, step: Step, number: int) -> str | None:
        match step.does:
            case Files() as files:
                return await self._file(step, files)
            case Does() as does:
                return await self._act(step, does, number)
            case Waits():
                if killer := self._striking(step):
                    await killer.at_once(self.read())
                return None

    async def _file(self, step: Step, files: Files) -> str | None:
        report = self._filed[step.key] = new_id()
        self.record.filed.add(report)
        if files.corrects is None:
            self.record.opens[report] = step.incident
        reports = report_sender(await self.parties.of(unit(*origin(files.unit))))
        await reports.listen(origin(files.unit))
        sending = reports.send(origin(files.unit), self._written(report, files), media_type="application/json")
        try:
            # intake answers while routing stands still, so a receipt says that the report waits for routing
            killer = self._striking(step)
            receipt = await (killer.between(sending, _never) if killer else sending)
        except NoReceiptError as error:
            return str(error)
        return next((f"{r.outcome} {r.problems}" for r in receipt.reports if r.outcome is not Outcome.ACCEPTED), None)

    def _written(self, report: UUID, files: Files) -> bytes:
        at = now()
        said: dict[str, Any] = {
            "type": "incident",
            "report": str(report),
            "status": Status.EXERCISE.value,
            "sent": at.isoformat(),
            "observed_at": at.isoformat(),
            "category": "FOR-FIRE",
            "urgency_mark": "hoa_toc",
            "severity": "Moderate",
            "headline": files.headline,
            "places": [{"kind": "area", "code": files.area, "valid_on": f"{at.astimezone(VIETNAM):%Y-%m-%d}"}],
            "counts": [{"of": "area_burnt", "value": files.hectares, "unit": "ha", "source": files.unit}],
        }
        if files.corrects:
            said |= {"msg_type": "Update", "references": [str(self._filed[files.corrects])]}
        return json.dumps(said, ensure_ascii=False).encode()

    async def _act(self, step: Step, does: Does, number: int) -> str | None:
        held = await self._held(step.incident, does)
        if held is None:
            return f"{does.desk} holds no dispatch in role {does.role} of {step.incident}"
        dispatch, version = held
        details = dict(does.details) | {name: self.record.incidents[letter] for name, letter in does.names.items()}
        if "version" in does.kind.model_fields:
            details["version"] = version
        if "since" in does.kind.model_fields:
            details["since"] = now()
        sending = self._send(does.desk, does.kind, (self.record.incidents[step.incident], dispatch), details)
        killer = self._striking(step)
        if killer is None:
            receipt = await sending
        elif number % 2:
            receipt = await killer.between(sending, self._waits_in_inbox)
        else:
            receipt = await killer.at_once(sending)
        refused = receipt is not None and receipt.outcome is Outcome.REJECTED
        return f"{receipt.problems} {receipt.current_state}" if receipt and refused else None

    def _striking(self, step: Step) -> Killer | None:
        return self.killer if self.killer and self.killer.strikes(step.key) else None

    async def _held(self, incident: str, does: Does) -> tuple[UUID, int] | None:
        """The newest dispatch of the desk in that role, and how many decisions of it the desk has been shown."""
        rows = (await (await self._desk(does.desk)).board()).rows.values()
        mine = self.record.incidents.get(incident)
        held = [r for r in rows if r.issued.incident == mine and r.issued.role is does.role and not r.over]
        row = max(held, key=lambda row: row.issued_at, default=None)
        return (row.issued.dispatch, row.version) if row else None

    async def _answer(self) -> None:
        """Every desk's software reports what reached it; officers acknowledge, but for the silent desk."""
        while True:
            await self.read()
            waiting = [one for one in self.record.dispatches() if one.dispatch not in self._answered]
            if not (owed := [one for one in waiting if not self._settled(one)]):
                return
            for one in owed:
                await self._receive(one)

    def _settled(self, issued: DispatchIssued) -> bool:
        """Whether nothing is left for its desk to say."""
        silent = party(issued.addressee) in self._silent
        return issued.dispatch in self._delivered and (silent or not self._owes(issued))

    def _owes(self, issued: DispatchIssued) -> bool:
        return issued.dispatch not in self._answered and self.record.watch.owes(
            issued.dispatch, ObligationKind.ACKNOWLEDGE
        )

    async def _receive(self, issued: DispatchIssued) -> None:
        desk, about = party(issued.addressee), (issued.incident, issued.dispatch)
        if issued.dispatch not in self._delivered:
            await self._send(desk, Deliver, about, {})
            self._delivered.add(issued.dispatch)
        await self.read()
        if desk not in self._silent and self._owes(issued):
            await self._send(desk, Acknowledge, about, {})
            self._answered.add(issued.dispatch)

    async def _send(
        self, desk: str, kind: type[Action], about: tuple[UUID, UUID], details: dict[str, Any]
    ) -> ActionReceipt | None:
        action, sent = new_id(), now()
        self.record.acted.add(action)
        given = details | {"action": action, "sent": sent}
        acting = kind.model_validate(
            {"space": Space.EXERCISE, "incident": about[0], "dispatch": about[1], "officer": OFFICER, **given}
        )
        try:
            receipt = await (await self._desk(desk)).act(kind, *about, **given)
        except NoReceiptError:
            receipt = None
        self.done.append(Done(origin(desk), acting, receipt))
        return receipt

    async def _desk(self, desk: str) -> DeskClient:
        if desk not in self._desks:
            line = await self.parties.of(desk_named(*origin(desk)))
            client = self._desks[desk] = DeskClient(line, Space.EXERCISE, origin(desk), OFFICER)
            await client.start()
        return self._desks[desk]

    async def _waits_in_inbox(self) -> bool:
        return bool((await api(self.client, f"STREAM.INFO.{INBOX.name}"))["state"]["messages"])

    async def _until(self, step: Step, first: int) -> None:
        """Until everything the step brings is there, or the time for it is up."""
        waits = SILENCE.total_seconds() * self.time_scale if isinstance(step.does, Waits) else 0.0
        end = monotonic() + waits + PATIENCE
        while monotonic() < end:
            await self.read()
            missing, leads = self._found(step, first)
            if not missing and not leads:
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _found(self, step: Step, first: int) -> tuple[tuple[Brought, ...], dict[str, str | None]]:
        """What the step should have brought and did not, and who leads where somebody else should."""
        since = 0 if isinstance(step.does, Waits) else first
        came = set(self.record.brought(since))
        now_leads = {letter: self._lead(letter) for letter in step.leads}
        wrong = {letter: lead for letter, lead in now_leads.items() if lead != step.leads[letter]}
        return tuple(one for one in step.brings if one not in came), wrong

    def _commanded(self, step: Step) -> dict[str, str | None]:
        """Who commands on scene where somebody else should."""
        courses, incidents = self.record.watch.courses, self.record.incidents
        found = {x: courses[incidents[x]].commander if x in incidents else None for x in step.commands}
        return {letter: who for letter, who in found.items() if who != step.commands[letter]}

    def _lead(self, letter: str) -> str | None:
        incident = self.record.incidents.get(letter)
        return None if incident is None else self.record.watch.lead(incident)


async def _never() -> bool:
    return False

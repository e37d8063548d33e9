"""What the commands about activations say, as JSON documents and for people. It decides nothing."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape

from contracts.activation import (
    ActivationData,
    Approver,
    RegulationActivated,
    RegulationActivationCancelled,
    RegulationActivationRefused,
    RegulationProposed,
)
from contracts.code_words import REFUSALS
from services.routing.regulations.record.activation import Book, Switch
from services.runtime.terminal import Language, local_date_time

Document = dict[str, Any]


def step_document(step: ActivationData) -> Document:
    """What one step came to."""
    match step:
        case RegulationProposed():
            return _about(step, "proposed") | {"by": name_of(step.by), "cases": step.held.cases}
        case RegulationActivated():
            return _about(step, "activated") | {"approvers": [name_of(one) for one in step.approvers]}
        case RegulationActivationCancelled():
            return _about(step, "cancelled") | {"by": name_of(step.by)}
        case RegulationActivationRefused():
            return {
                "outcome": "refused",
                "set": step.set,
                "set_version": step.version,
                "sha256": step.sha256,
                "proposal": None if step.proposal is None else str(step.proposal),
                "reasons": [
                    {"code": reason.value, "vi": REFUSALS[reason][0], "en": REFUSALS[reason][1]}
                    for reason in step.reasons
                ],
                "details": list(step.details),
            }
        case _:
            raise ValueError(f"{type(step).__name__} is no answer to a step")


def _about(step: RegulationProposed | RegulationActivated | RegulationActivationCancelled, outcome: str) -> Document:
    return {
        "outcome": outcome,
        "proposal": str(step.proposal),
        "set": step.set,
        "set_version": step.version,
        "sha256": step.sha256,
        "effective": step.effective.isoformat(),
    }


def name_of(approver: Approver) -> str:
    """An approver as people write it."""
    return f"{approver.role}@{approver.agency}"


def show_step(console: Console, document: Document, lang: Language) -> None:
    """What happened, and the next command to type."""
    version = f"{document['set']} {document['set_version']}"
    if document["outcome"] == "refused":
        console.print(f"[red]✗[/] {lang.pick('Không áp dụng', 'Not put in force')}: {escape(version)}")
        for reason in document["reasons"]:
            console.print(f"  • {escape(reason[lang.value])}")
        for detail in document["details"]:
            console.print(f"    {escape(detail)}", style="dim")
        return
    since = local_date_time(datetime.fromisoformat(document["effective"]))
    said = {
        "proposed": lang.pick("Đã đề nghị; chờ người thứ hai duyệt", "Proposed; a second approver has to agree"),
        "activated": lang.pick("Sẽ áp dụng", "To decide"),
        "cancelled": lang.pick("Đã hủy", "Cancelled"),
    }[document["outcome"]]
    console.print(f"[green]✓[/] {said}: [bold]{escape(version)}[/] · {lang.pick('từ', 'from')} {since}")
    console.print(f"  sha256 {document['sha256']}", style="dim")
    if document["outcome"] == "proposed":
        console.print(f"  → phoihop regulations approve {document['proposal']} --by ROLE@AGENCY")


def book_document(book: Book, at: datetime) -> Document:
    """What decides, what is to follow, and what waits for a second approver."""
    now = book.in_force(at)
    register = book.register_at(at)
    return {
        "active": None if now is None else _switch(now),
        "register_version": register and register.version,
        "to_follow": [_switch(switch) for switch in book.switches if switch.since > at],
        "before": [_switch(s) for s in book.switches if now is not None and s.since < now.since],
        "proposals": [
            _about(p.proposed, "proposed") | {"by": name_of(p.proposed.by)} for p in book.proposals.values() if p.open
        ],
    }


def _switch(switch: Switch) -> Document:
    activated = switch.activated
    return {
        "set": activated.set,
        "set_version": activated.version,
        "sha256": activated.sha256,
        "since": switch.since.isoformat(),
        "basis": activated.basis,
        "approvers": [name_of(one) for one in activated.approvers],
        "proposal": str(activated.proposal),
    }


def show_book(console: Console, document: Document, lang: Language) -> None:
    """The same for people."""
    if (active := document["active"]) is None:
        console.print(lang.pick("Chưa có bộ quy tắc nào được áp dụng.", "No regulation set is in force yet."))
        return
    rows = [
        ("●", lang.pick("đang áp dụng", "in force"), active),
        *(("○", lang.pick("sẽ áp dụng", "to follow"), each) for each in document["to_follow"]),
        *(("·", lang.pick("trước đây", "before"), each) for each in document["before"]),
    ]
    for mark, name, each in rows:
        since = local_date_time(datetime.fromisoformat(each["since"]))
        who = ", ".join(each["approvers"]) or lang.pick("bộ tham khảo kèm theo", "the reference it came with")
        console.print(f"{mark} [bold]{escape(each['set_version'])}[/] {name} · {since} · {escape(who)}")
    for each in document["proposals"]:
        waits = lang.pick("chờ duyệt", "waits for approval")
        console.print(f"? [bold]{escape(each['set_version'])}[/] {waits} · {each['proposal']} · {escape(each['by'])}")
    console.print(f"{lang.pick('Danh bạ', 'Register')} {document['register_version']}", style="dim")


def show_replay(console: Console, document: Document, lang: Language) -> None:
    """Incident by incident whom the draft would have treated otherwise, then the sums."""
    for incident in document["affected"]:
        at = local_date_time(datetime.fromisoformat(incident["opened_at"]))
        console.print(f"[bold]{escape(incident['headline'])}[/] · {incident['category']} · {at}")
        console.print(f"  {incident['incident']}", style="dim")
        for effect in incident["effects"]:
            console.print(f"    {escape(effect['text'][lang.value])}")
    for differing in document["differs_from_record"]:
        said = lang.pick("quyết định lại khác với bản ghi", "decided again otherwise than recorded")
        console.print(f"[yellow]![/] {differing}: {said}")
    counts, affected = document["counts"], len(document["affected"])
    console.print(
        lang.pick(
            f"{affected}/{document['incidents']} sự cố đổi kết quả: {counts['gains']} thêm, {counts['loses']} bớt, "
            f"{counts['role']} đổi vai, {counts['deadline']} đổi hạn; {document['without_lead']} không có chủ trì",
            f"{affected} of {document['incidents']} incidents change: {counts['gains']} gain a role, "
            f"{counts['loses']} lose one, {counts['role']} change role, {counts['deadline']} change time; "
            f"{document['without_lead']} would have no lead",
        )
    )

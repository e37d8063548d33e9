"""Draws the answers of the regulation commands for people, in Vietnamese or English. It decides nothing."""

import json
import shlex
from datetime import datetime, timedelta
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from contracts.code_words import said
from services.routing.regulations.rules.phrases import duration_words
from services.runtime.terminal import Language, local_date_time

Document = dict[str, Any]


def show_check(console: Console, document: Document, lang: Language) -> None:
    """Faults one by one with their counter-examples, notes in a line each, the verdict last."""
    at = f" --regulations {shlex.quote(document['path'])}" if document["path"] else ""
    for refused in document["refused"]:
        console.print(f"[red]✗[/] {escape(refused)}")
    for finding in document["findings"]:
        text = f"{finding['name'][lang]}: {finding['text'][lang]}"
        console.print(f"{_mark(finding)} {escape(text)} [dim]({finding['cases']})[/]")
        if finding["fault"]:
            report = shlex.quote(json.dumps(finding["counterexample"], ensure_ascii=False))
            console.print(f"  → {escape(finding['fix'][lang])}")
            console.print(f"  [dim]phoihop regulations explain -{escape(at)} <<< {escape(report)}[/]")
    notes = len(document["findings"]) - document["faults"]
    counted = lang.pick(
        f"{document['rules']} quy tắc, {document['faults']} lỗi, {notes} ghi chú",
        f"{document['rules']} rules, {document['faults']} faults, {notes} notes",
    )
    console.print(f"{'[green]✓[/]' if document['clean'] else '[red]✗[/]'} {document['set_version']}: {counted}")


def _mark(finding: Document) -> str:
    return "[red]✗[/]" if finding["fault"] else "[dim]·[/]"


def show_explanation(console: Console, document: Document, lang: Language) -> None:
    """Who gets it and why; the rules that matched, then those that did not."""
    at = local_date_time(datetime.fromisoformat(document["at"]))
    console.print(f"[bold]{escape(document['facts']['category'])}[/] · {escape(document['place'][lang])} · {at}")
    alarm = lang.pick("[yellow]không quy tắc nào cho chủ trì[/] · ", "[yellow]no rule gives a lead[/] · ")
    console.print(f"{alarm if document['fallback'] else ''}{escape(document['lead_reason'])}\n")
    for recipient in document["recipients"]:
        _show_recipient(console, recipient, lang)
    _show_rules(console, document["matched"], lang.pick("Quy tắc áp dụng", "Rules that match"), lang)
    _show_rules(console, document["not_matched"], lang.pick("Quy tắc không áp dụng", "Rules that do not match"), lang)
    if document["left_out"]:
        console.print(
            lang.pick(f"… và {document['left_out']} quy tắc khác", f"… and {document['left_out']} other rules")
        )


def _show_recipient(console: Console, recipient: Document, lang: Language) -> None:
    role = lang.pick(*said("role", recipient["role"]))
    seconds = recipient["acknowledge_within_s"]
    within = "" if seconds is None else getattr(duration_words(timedelta(seconds=seconds)), lang.value)
    name = escape(recipient["name"][lang])
    console.print(f"[bold]{name}[/] ({recipient['desk']}) — {role}{f' · {within}' if within else ''}")
    console.print(f"  {recipient['rule']}: {_citation(recipient['citation'], lang)}", style="dim")
    if owed := _owed(recipient, lang):
        console.print(f"  {owed}", style="dim")
    if recipient["escalation"]:
        silent = lang.pick("im lặng", "silence")
        asked = zip(recipient["escalation"], recipient["escalation_steps"], strict=True)
        chain = " → ".join(f"{desk} ({lang.pick(*said('step', step))})" for desk, step in asked)
        console.print(f"  {silent} ({recipient['escalation_tree']}): {chain}", style="dim")
    if recipient["order"]:
        console.print(f"  {escape(_order(recipient['order'], lang))}", style="yellow")
    if recipient["approvals"]:
        console.print(f"  {escape(_approvals(recipient, lang))}", style="yellow")
    if group := recipient["any_one_of"]:
        console.print(f"  {lang.pick('một nơi nhận là đủ', 'any one of the group is enough')} ({group})", style="dim")


_OWED: Final = {
    "decide_within_s": ("quyết định trong", "decides within"),
    "first_report_within_s": ("báo cáo trong", "reports within"),
    "follow_up_every_s": ("báo cáo tiếp sau mỗi", "again every"),
}


def _owed(recipient: Document, lang: Language) -> str:
    """What is owed after the acknowledgement."""
    stated = ((words, recipient[name]) for name, words in _OWED.items() if recipient[name] is not None)
    return ", ".join(
        f"{lang.pick(*words)} {getattr(duration_words(timedelta(seconds=seconds)), lang.value)}"
        for words, seconds in stated
    )


def _order(order: Document, lang: Language) -> str:
    """Until when the order holds, and who is prompted when."""
    ends, prompt = (local_date_time(datetime.fromisoformat(order[at])) for at in ("ends_at", "prompt_at"))
    lasts = getattr(duration_words(timedelta(seconds=order["lasts_s"])), lang.value)
    following = ", ".join(f"{one['name'][lang]} ({one['desk']})" for one in order["next"])
    return lang.pick(
        f"lệnh có hiệu lực không quá {lasts}, đến {ends}; {prompt} nhắc {following}",
        f"an order lasts {lasts} at most, until {ends}; {following} is prompted at {prompt}",
    )


def _approvals(recipient: Document, lang: Language) -> str:
    """Who must all agree, and how soon in writing."""
    who = " + ".join(f"{one['name'][lang]} ({one['desk']})" for one in recipient["approvals"])
    seconds = recipient["approvals_written_within_s"]
    limit = "" if seconds is None else getattr(duration_words(timedelta(seconds=seconds)), lang.value)
    written = lang.pick(f", bằng văn bản trong {limit}", f", in writing within {limit}") if limit else ""
    return lang.pick(f"cần đồng ý của {who}{written}", f"needs the consent of {who}{written}")


def _show_rules(console: Console, rules: list[Document], title: str, lang: Language) -> None:
    console.print(f"\n[bold]{title}[/] ({len(rules)})")
    for rule in rules:
        console.print(f"[bold]{rule['rule']}[/] {escape(rule['sentence'][lang])}")
        console.print(f"  {_citation(rule['citation'], lang)}", style="dim")
        for met in rule["conditions"]:
            mark = "[green]✓[/]" if met["holds"] else "[red]✗[/]"
            console.print(f"  {mark} {escape(met['condition'][lang])} [dim]⟵ {escape(met['fact'][lang])}[/]")
        for missing in rule["unresolved"]:
            console.print(f"  [yellow]![/] {escape(missing)}")


def _citation(citation: Document, lang: Language) -> str:
    return f"{escape(citation['text'])} ({lang.pick(*said('citation', citation['status']))})"


def show_tested(console: Console, document: Document, lang: Language) -> None:
    """Every case decided otherwise than expected, expectation by expectation."""
    for case in document["failed"]:
        console.print(f"[red]✗[/] [bold]{case['name']}[/]{_why(case)}")
        for mismatch in case["mismatches"]:
            console.print(f"    {escape(mismatch['expectation'])}")
            console.print(f"      [red]- {escape(mismatch['expected'])}[/]")
            console.print(f"      [green]+ {escape(mismatch['actual'])}[/]")
    verdict = lang.pick("đúng", "as expected")
    mark = "[red]✗[/]" if document["failed"] else "[green]✓[/]"
    console.print(f"{mark} {document['set_version']}: {document['passed']}/{document['cases']} {verdict}")


def _why(case: Document) -> str:
    return f" — {escape(case['why'])}" if case["why"] else ""


def show_difference(console: Console, document: Document, lang: Language) -> None:
    """The rules that differ, then the cases in which somebody notices."""
    signs = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]"}
    for words in document["set"]:
        console.print(f"[yellow]~[/] {escape(words[lang])}")
    for rule in document["rules"]:
        console.print(f"{signs[rule['change']]} [bold]{rule['rule']}[/] {escape(rule['sentence'][lang])}")
        for words in rule["details"]:
            console.print(f"    {escape(words[lang])}")
    for case in document["affected"]:
        console.print(f"[bold]{case['name']}[/]")
        for effect in case["effects"]:
            console.print(f"    {escape(effect['text'][lang])}")
    changed, affected = len(document["rules"]), len(document["affected"])
    console.print(
        lang.pick(
            f"{changed} quy tắc khác nhau; {affected}/{document['cases']} tình huống đổi kết quả",
            f"{changed} rules differ; {affected} of {document['cases']} cases change",
        )
    )

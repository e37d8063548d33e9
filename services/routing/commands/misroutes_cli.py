"""`phoihop regulations misroutes`: lists objections to rules, and makes a resolved one a named case."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.code_words import said
from contracts.codes import Role, Space
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail, local_date_time

if TYPE_CHECKING:
    from rich.console import Console

    from services.routing.commands.misroutes import Objection
    from services.routing.commands.regulation_files import Regulations

commands = typer.Typer(no_args_is_help=True)


@commands.command()
def misroutes(
    item: Annotated[
        str | None, typer.Argument(help="Mã phản ánh, đủ vài ký tự đầu / its id or the beginning", show_default=False)
    ] = None,
    append: Annotated[
        Path | None, typer.Option("--append", help="Thêm thành tình huống vào tệp này / append as a case to this file")
    ] = None,
    role: Annotated[Role | None, typer.Option("--role", help="Vai trò đúng của cơ quan / the right role")] = None,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Chưa trả lời / without an answer only")] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="Diễn tập / of exercises, never the live ones")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Phản ánh chuyển sai và trả lời; đưa vào bộ tình huống. / Objections to rules; append one as a named case."""
    from services.routing.commands.asking import on_bus
    from services.routing.commands.misroutes_reading import raised, raised_and_standing
    from services.runtime import clock

    space = Space.EXERCISE if exercise else Space.ACTUAL
    if append is not None:
        found = on_bus(lang, lambda client: raised_and_standing(client, space))
        objection = _one(found.objections, item, lang)
        document = _appended(append, objection, found.regulations, role, lang)
        emit(document, as_json, lambda console: _show_appended(console, document, lang))
        return
    known = on_bus(lang, lambda client: raised(client, space))
    chosen = known if item is None else (_one(known, item, lang),)
    rows = [_row(one, clock.now()) for one in chosen if not (unanswered and one.answered)]
    emit({"misroutes": rows}, as_json, lambda console: _show(console, rows, lang))


def _one(known: "tuple[Objection, ...]", item: str | None, lang: Language) -> "Objection":
    """The one that is meant; a beginning that fits several, or none, ends the command."""
    named = [one for one in known if item is not None and str(one.raised.item).startswith(item.lower())]
    if len(named) != 1:
        what = lang.pick("Không có đúng một phản ánh như vậy.", "There is not exactly one such objection.")
        fail(Exit.USAGE, what, item or "", "phoihop regulations misroutes")
    return named[0]


def _appended(
    file: Path, objection: "Objection", regulations: "Regulations", role: Role | None, lang: Language
) -> dict[str, Any]:
    from services.routing.commands.asking import refuse_document
    from services.routing.commands.misroutes import RoleUnknownError, UnansweredError, as_case
    from services.routing.commands.misroutes_files import CaseKnownError, NotAppendableError, append_case
    from services.runtime.documents import DocumentError

    facts = objection.decision.facts
    try:
        case = as_case(objection, regulations.register, role)
        cases = append_case(file, case, facts.occurred_at.date().isoformat(), facts.first_reporter)
    except UnansweredError as error:
        what = lang.pick("Chủ quy tắc chưa trả lời.", "The owner of the rules has not answered yet.")
        fail(Exit.USAGE, what, str(error), "phoihop desk answer AGENCY/DESK ITEM --answer …")
    except RoleUnknownError as error:
        fail(Exit.USAGE, lang.pick("Vai trò nào mới đúng?", "Which role is the right one?"), str(error), "--role ROLE")
    except CaseKnownError as error:
        fail(Exit.USAGE, lang.pick("Tệp đã có tình huống này.", "The file has this case already."), str(error))
    except NotAppendableError as error:
        what = lang.pick("Danh sách cases phải ở cuối tệp.", "The list of cases must end the file.")
        fail(Exit.USAGE, what, str(error))
    except DocumentError as error:
        refuse_document(lang, error)
    except OSError as error:
        fail(Exit.USAGE, lang.pick(f"Không ghi được {file}.", f"{file} cannot be written."), error.strerror or "")
    return {"appended": case["name"], "file": str(file), "cases": cases, "case": case} | _tried(file, regulations)


def _tried(file: Path, regulations: "Regulations") -> dict[str, Any]:
    """Whether the set in force decides the new case as the answer says."""
    from services.routing.commands.regulation_files import load_cases
    from services.routing.regulations.telling.cases import decided, mismatches

    cases = load_cases(file)
    last = cases.cases[-1]
    differs = tuple(mismatches(last.expect, decided(last, cases, regulations.regulator)))
    return {
        "set_version": regulations.regulation_set.version,
        "holds": not differs,
        "mismatches": [mismatch._asdict() for mismatch in differs],
    }


def _row(one: "Objection", now: datetime) -> dict[str, Any]:
    said, answer = one.raised, one.answered
    return {
        "item": str(said.item),
        "incident": str(said.incident),
        "dispatch": str(said.dispatch),
        "desk": f"{one.desk.agency}/{one.desk.desk}",
        "role": one.role.value,
        "finding": said.finding.value,
        "text": said.text,
        "officer": said.officer,
        "raised_at": _iso(one.raised_at),
        "rule": said.rule,
        "set": said.set,
        "set_version": said.set_version,
        "owner": f"{said.owner.agency}/{said.owner.desk}",
        "due": one.due and _iso(one.due),
        "answer": answer and answer.answer.value,
        "answer_text": answer and answer.text,
        "answered_at": one.answered_at and _iso(one.answered_at),
        "late": one.late(now),
    }


def _show(console: "Console", rows: list[dict[str, Any]], lang: Language) -> None:
    """Three lines each: who objects to what; in their words; what the owner of the rules says."""
    from rich.markup import escape

    for row in rows:
        finding = lang.pick(*said("finding", row["finding"]))
        at = local_date_time(datetime.fromisoformat(row["raised_at"]))
        rule = escape(f"{row['rule']} {row['set_version']}")
        console.print(f"[bold]{row['item']}[/]  {at}  {escape(row['desk'])}: {finding} ({rule})")
        console.print(f"    “{escape(row['text'])}”")
        console.print(f"    {_answer(row, lang)}")
    if not rows:
        console.print(lang.pick("Không có phản ánh nào.", "There are no objections."))


def _answer(row: dict[str, Any], lang: Language) -> str:
    from rich.markup import escape

    late = lang.pick(" [red]TRỄ[/]", " [red]LATE[/]") if row["late"] else ""
    if row["answer"] is None:
        due = local_date_time(datetime.fromisoformat(row["due"])) if row["due"] else "–"
        waits = lang.pick("chờ trả lời đến", "an answer is due by")
        return f"→ {escape(row['owner'])}: {waits} {due}{late}"
    answer = lang.pick(*said("answer", row["answer"]))
    return f"→ {escape(row['owner'])}: {answer}{late} “{escape(row['answer_text'])}”"


def _show_appended(console: "Console", document: dict[str, Any], lang: Language) -> None:
    from rich.markup import escape

    console.print(f"[green]✓[/] {escape(document['appended'])} → {escape(document['file'])}")
    holds = lang.pick("quy tắc đang áp dụng cho kết quả đúng như vậy", "the set in force decides like that")
    differs = lang.pick("quy tắc đang áp dụng cho kết quả khác", "the set in force decides otherwise")
    console.print(f"  {document['set_version']}: {holds if document['holds'] else differs}")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()

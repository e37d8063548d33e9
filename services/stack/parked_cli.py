"""`phoihop parked`: what could not succeed, why, and having it handled once more."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.retry_subjects import LARGEST_NUMBER
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail
from services.stack.operating import on_bus

if TYPE_CHECKING:
    from nats.aio.client import Client
    from rich.console import Console

    from contracts.retrying import RetryAnswer
    from services.stack.parking import Parked

commands = typer.Typer(no_args_is_help=True)

_AGAIN = {
    "service": ("làm lại được: phoihop parked replay {0}", "can be tried again: phoihop parked replay {0}"),
    "custodian": (
        "đã niêm phong, người giữ kho giao lại: phoihop ledger personal parked --retry",
        "sealed, the custodian hands it in again: phoihop ledger personal parked --retry",
    ),
    "nobody": ("lời máy chủ, không có gì để làm lại", "a note of the server, nothing to try again"),
}
_OUTCOMES = {
    "done": ("đã xử lý", "handled"),
    "failed": ("vẫn không xử lý được", "still fails"),
    "gone": ("không còn tin nào mang số này", "nothing is parked under this number"),
    "not_ours": ("không làm lại theo cách này được", "cannot be tried again in this way"),
    "later": ("chưa làm được, hãy thử lại sau", "not now, try later"),
}


@commands.command("list")
def parked_list(as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Những gì không xử lý được và lý do. / What could not succeed, and why."""
    from contracts.identity import OPERATOR
    from services.stack.parking import parked

    rows = [row.document() for row in on_bus(lang, OPERATOR, parked)]
    emit({"parked": rows}, as_json, lambda console: _show_rows(console, rows, lang))
    raise typer.Exit(Exit.CHECK_FAILED if rows else Exit.OK)


@commands.command("show")
def parked_show(
    number: Annotated[int, typer.Argument(min=1, max=LARGEST_NUMBER, help="Số của tin / its number")],
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Một tin bị gác lại: từ đâu, vì sao, ai làm lại được. / One of them: from where, why, who can try it again."""
    from contracts.identity import OPERATOR
    from services.stack.parking import parked_as

    async def look(client: "Client") -> list["Parked"]:
        found = await parked_as(client, number)
        return [] if found is None else [found]

    rows = [row.document() for row in on_bus(lang, OPERATOR, look)]
    if not rows:
        fail(Exit.USAGE, lang.pick(*_OUTCOMES["gone"]), str(number), "phoihop parked list")
    emit({"parked": rows}, as_json, lambda console: _show_one(console, rows[0], lang))


@commands.command("replay")
def parked_replay(
    numbers: Annotated[
        list[int] | None, typer.Argument(min=1, max=LARGEST_NUMBER, help="Số của các tin / their numbers")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Tất cả, tin cũ trước / all, oldest first")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Cho xử lý lại khi đã sửa lỗi. / Have them handled once more, after the defect was mended."""
    from contracts.identity import OPERATOR

    wanted = list(dict.fromkeys(numbers or ()))
    if bool(wanted) is everything:
        text = lang.pick("Nêu số của tin, hoặc --all.", "Name the numbers, or --all.")
        fail(Exit.USAGE, text, following="phoihop parked list")

    async def work(client: "Client") -> list["RetryAnswer"]:
        return await _tried(client, None if everything else wanted)

    rows = [answer.model_dump(mode="json") for answer in on_bus(lang, OPERATOR, work)]
    emit({"parked": rows}, as_json, lambda console: _show_tried(console, rows, lang))
    raise typer.Exit(Exit.OK if all(row["outcome"] == "done" for row in rows) else Exit.CHECK_FAILED)


async def _tried(client: "Client", wanted: list[int] | None) -> list["RetryAnswer"]:
    """In the order in which they were parked, whatever the order typed."""
    from services.stack.parking import parked
    from services.stack.retrying import nothing_there, try_again

    there = {row.sequence: row for row in await parked(client)}
    numbers = sorted(there) if wanted is None else wanted
    tried = await try_again(client, [there[number] for number in sorted(numbers) if number in there])
    return tried + [nothing_there(number) for number in numbers if number not in there]


def _show_rows(console: "Console", rows: list[dict[str, Any]], lang: Language) -> None:
    from rich.markup import escape

    for row in rows:
        origin = f"{row['sequence']:>6}  {row['parked_at']}  {row['consumer']}  {escape(row['subject'])}"
        console.print(f"{origin}\n        {escape(row['reason'])}")
    if rows:
        console.print(f"→ phoihop parked show {rows[0]['sequence']}")
    else:
        console.print(lang.pick("Không có tin nào bị gác lại.", "Nothing is parked."))


def _show_one(console: "Console", row: dict[str, Any], lang: Language) -> None:
    from rich.markup import escape

    told = {
        lang.pick("Số", "Number"): row["sequence"],
        lang.pick("Bộ nhận", "Consumer"): row["consumer"],
        lang.pick("Gửi dưới", "Sent under"): row["subject"],
        lang.pick("Luồng, số", "Stream, number"): f"{row['stream']} {row['origin'] or '–'}",
        lang.pick("Nhận lúc", "Stored"): row["stored_at"] or "–",
        lang.pick("Gác lại lúc", "Parked"): row["parked_at"],
        lang.pick("Lý do", "Reason"): row["reason"],
    }
    for name, said in told.items():
        console.print(f"{name:16}{escape(str(said))}")
    console.print(f"→ {lang.pick(*_AGAIN[row['again']]).format(row['sequence'])}")


def _show_tried(console: "Console", rows: list[dict[str, Any]], lang: Language) -> None:
    from rich.markup import escape

    for row in rows:
        sign = "[green]✓[/]" if row["outcome"] == "done" else "[red]✗[/]"
        console.print(f"{sign} {row['sequence']}  {lang.pick(*_OUTCOMES[row['outcome']])}")
        if row["reason"]:
            console.print(f"        {escape(row['reason'])}")
    if not rows:
        console.print(lang.pick("Không có tin nào bị gác lại.", "Nothing is parked."))

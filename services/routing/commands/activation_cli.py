"""`phoihop regulations activate, approve, cancel, active, replay`: parses and prints; the record decides."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.client import Client

    from contracts.activation import ActivationData, Approver
    from services.routing.in_force.activating import Asked, Lines

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
commands = typer.Typer()

ByOption = Annotated[
    str, typer.Option("--by", metavar="ROLE@AGENCY", help="Ai duyệt: vai trò@cơ quan / who answers for it")
]
ProposalArgument = Annotated[
    str, typer.Argument(help="Mã đề nghị, đủ vài ký tự đầu / the proposal's id or its beginning")
]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Khóa của người duyệt / the approver's own key (identity export)", show_default=False),
]
CasesOption = Annotated[
    Path | None, typer.Option("--cases", help="Tệp tình huống / the cases it must pass", show_default=False)
]


@commands.command()
def activate(
    path: Annotated[Path, typer.Argument(help="Bộ quy tắc: thư mục hoặc tệp / the set: a folder or a file")],
    by: ByOption,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", formats=FORMATS, help="Áp dụng từ / decides from; không ghi: khi được duyệt / once approved"
        ),
    ] = None,
    cases: CasesOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Đề nghị áp dụng một bộ quy tắc; người thứ hai duyệt. / Propose a set; a second approver puts it in force."""
    from services.routing.commands.asking import with_zone
    from services.routing.commands.regulation_files import cases_beside
    from services.routing.in_force.activating import propose_set

    if not path.exists():
        fail(Exit.USAGE, lang.pick(f"Không có {path}.", f"There is no {path}."))
    asked = _asked(by, cases or cases_beside(path), lang, quiet=as_json)
    who = Who(asked.by, key)
    _take(who, lambda lines: propose_set(lines, path, with_zone(at), asked), as_json=as_json, lang=lang)


@commands.command()
def approve(
    proposal: ProposalArgument,
    by: ByOption,
    path: Annotated[
        Path | None,
        typer.Option("--regulations", help="Bản của mình, phải giống hệt / an own copy, which must be the same"),
    ] = None,
    cases: CasesOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Người thứ hai duyệt: bộ quy tắc được áp dụng. / Agree to a proposal as the second approver."""
    from services.routing.commands.regulation_files import cases_beside, reference_folder
    from services.routing.in_force.activating import approve_proposal

    asked = _asked(by, cases or cases_beside(path or reference_folder()), lang, quiet=as_json)
    who = Who(asked.by, key)
    _take(who, lambda lines: approve_proposal(lines, proposal, path, asked), as_json=as_json, lang=lang)


@commands.command()
def cancel(
    proposal: ProposalArgument,
    by: ByOption,
    reason: Annotated[str | None, typer.Option(help="Lý do / why", show_default=False)] = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Rút đề nghị, hoặc hủy trước khi có hiệu lực. / Withdraw a proposal, or an activation before it takes effect."""
    from services.routing.in_force.activating import cancel_proposal

    who = Who(_approver(by, lang), key)
    _take(who, lambda lines: cancel_proposal(lines, proposal, who.approver, reason), as_json=as_json, lang=lang)


@commands.command()
def active(as_json: JsonOption = False, lang: LanguageOption = Language.VI) -> None:
    """Bộ nào đang, sẽ và chờ được áp dụng. / Which set decides, which is to follow, what waits for approval."""
    from services.routing.commands.activation_telling import book_document, show_book
    from services.routing.commands.asking import on_bus
    from services.routing.in_force.recorded import Record
    from services.runtime import clock

    async def work(client: "Client") -> dict[str, Any]:
        record = Record()
        await record.catch_up(client)
        return book_document(record.book, clock.now())

    document = on_bus(lang, work)
    emit(document, as_json, lambda console: show_book(console, document, lang))


@commands.command()
def replay(
    draft: Annotated[Path, typer.Argument(help="Dự thảo: thư mục hoặc tệp / the draft: a folder or a file")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=FORMATS, help="Sự cố mở từ / incidents opened from")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="đến trước / until before")] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Sự cố đã qua theo dự thảo: ai thêm, ai bớt vai. / Past incidents through a draft: who gains or loses what."""
    from services.routing.commands.activation_telling import show_replay
    from services.routing.commands.asking import on_bus, with_zone
    from services.routing.commands.replaying import replayed

    if not draft.exists():
        fail(Exit.USAGE, lang.pick(f"Không có {draft}.", f"There is no {draft}."))
    document = on_bus(lang, lambda client: replayed(client, draft, with_zone(since), with_zone(until)))
    emit(document, as_json, lambda console: show_replay(console, document, lang))


def _asked(by: str, cases: Path, lang: Language, *, quiet: bool) -> "Asked":
    from services.routing.commands.asking import proved
    from services.routing.in_force.activating import Asked

    return Asked(_approver(by, lang), cases, lambda rules, register: proved(rules, register, None, lang, quiet=quiet))


def _approver(text: str, lang: Language) -> "Approver":
    from pydantic import ValidationError

    from contracts.activation import Approver

    role, _, agency = text.partition("@")
    try:
        return Approver(role=role, agency=agency)
    except ValidationError:
        what = lang.pick("Người duyệt phải ghi ROLE@AGENCY.", "An approver is written ROLE@AGENCY.")
        fail(Exit.USAGE, what, text, "--by phap-che@hue-ptds")


class Who(NamedTuple):
    """Who takes a step, and the file of their key; None: where the local stack keeps it."""

    approver: "Approver"
    key: Path | None


def _take(
    who: Who,
    step: "Callable[[Lines], Awaitable[tuple[ActivationData, ...] | ActivationData]]",
    *,
    as_json: bool,
    lang: Language,
) -> None:
    """Takes one step and tells what it came to; a refusal ends with 1 where the proof failed, else with 2."""
    from contracts.activation import RefusalReason, RegulationActivationRefused
    from services.routing.commands.activation_telling import show_step, step_document
    from services.routing.commands.asking import in_the_name_of
    from services.routing.in_force.activating import UnknownProposalError

    try:
        outcome = in_the_name_of(lang, who.approver, who.key, step)
    except UnknownProposalError as error:
        what = lang.pick(f"Không có đề nghị “{error}”.", f"There is no proposal “{error}”, or several begin so.")
        fail(Exit.USAGE, what, following="phoihop regulations active")
    last = outcome[-1] if isinstance(outcome, tuple) else outcome
    document = step_document(last)
    emit(document, as_json, lambda console: show_step(console, document, lang))
    if isinstance(last, RegulationActivationRefused):
        unproved = {RefusalReason.NOT_CLEAN, RefusalReason.CASES_FAIL} & set(last.reasons)
        raise typer.Exit(Exit.CHECK_FAILED if unproved else Exit.USAGE)

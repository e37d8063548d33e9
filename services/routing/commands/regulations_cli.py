"""`phoihop regulations`: parses and prints; what a set says is decided by the pure modules of this service."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.taxonomy import Category
from services.routing.commands.activation_cli import commands as activation_commands
from services.routing.commands.authority_cli import commands as authority_commands
from services.routing.commands.misroutes_cli import commands as misroute_commands
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.routing.commands.regulation_files import Regulations
    from services.routing.regulations.proof.findings import Finding

commands = typer.Typer(no_args_is_help=True)
commands.add_typer(activation_commands)
commands.add_typer(misroute_commands)
commands.add_typer(authority_commands)

SetArgument = Annotated[
    Path | None,
    typer.Argument(help="Bộ quy tắc: thư mục hoặc tệp / the set: a folder or a file", show_default=False),
]
SetOption = Annotated[
    Path | None,
    typer.Option(
        "--regulations", help="Bộ quy tắc khác bộ tham khảo / another set than the reference", show_default=False
    ),
]
RegisterOption = Annotated[
    Path | None, typer.Option("--register", help="Danh bạ khác / another register", show_default=False)
]
CasesOption = Annotated[
    Path | None, typer.Option("--cases", help="Tệp tình huống khác / another cases file", show_default=False)
]


@commands.command()
def check(
    path: SetArgument = None,
    register: RegisterOption = None,
    save: Annotated[Path | None, typer.Option(help="Lưu phản ví dụ thành tệp tình huống / save as cases")] = None,
    category: Annotated[
        list[Category] | None, typer.Option(help="Chỉ các loại này / these only", show_default=False, metavar="CODE")
    ] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chứng minh: không khoảng trống, không hai chủ trì… / Prove the set: no gap, no two leads, no dead end."""
    from services.routing.commands.asking import examined, proved
    from services.routing.commands.regulations_telling import show_check
    from services.routing.commands.regulations_view import check_document

    if save is not None and save.exists():
        fail(Exit.USAGE, lang.pick(f"Đã có tệp {save}.", f"{save} exists already."), following="--save ANOTHER.yaml")
    given = examined(path, register, lang)
    findings = proved(given.regulation_set, given.register, category, lang, quiet=as_json)
    faults = [finding for finding in findings if finding.fault]
    if save is not None:
        _save(save, faults or findings, given, lang)
    document = check_document(given, findings, path)
    emit(document, as_json, lambda console: show_check(console, document, lang))
    if faults or given.faults:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def explain(
    report: Annotated[
        str, typer.Argument(help="Tệp JSON, - , tệp hoặc tên tình huống / JSON file, -, case file or name")
    ],
    at: Annotated[
        datetime | None,
        typer.Option(
            help="Quyết định lúc / decided at (ISO 8601)",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"],
        ),
    ] = None,
    case: Annotated[str | None, typer.Option("--case", help="Tên tình huống trong tệp / a case of the file")] = None,
    reporter: Annotated[str | None, typer.Option("--as", help="Cơ quan báo / the reporting agency")] = None,
    path: SetOption = None,
    register: RegisterOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Vì sao một báo cáo đến nơi ấy. / Why a report goes where: every rule, condition and recipient."""
    from services.routing.commands.asking import examined, reading, with_zone
    from services.routing.commands.explaining_reports import NoReporterError, UnknownCaseError, explained
    from services.routing.commands.regulation_files import UnreadableReportError
    from services.routing.commands.regulations_telling import show_explanation
    from services.routing.commands.regulations_view import explanation_document

    given = examined(path, register, lang)
    try:
        found = reading(lang, lambda: explained(report, case, given, reporter, with_zone(at)))
    except UnreadableReportError as error:
        what = lang.pick("Báo cáo không phải JSON hợp lệ của hệ thống.", "The report is no valid JSON of ours.")
        fail(Exit.USAGE, what, str(error), "phoihop contracts export")
    except UnknownCaseError as error:
        what = lang.pick(f"Không có tệp hay tình huống “{error}”.", f"There is no file and no case “{error}”.")
        fail(Exit.USAGE, what, following="phoihop regulations test --json")
    except NoReporterError:
        what = lang.pick("Báo cáo không nêu cơ quan báo.", "The report names no sender.")
        fail(Exit.USAGE, what, following="--as AGENCY")
    document = explanation_document(found, given)
    emit(document, as_json, lambda console: show_explanation(console, document, lang))


@commands.command("test")
def run_cases(
    cases: Annotated[Path | None, typer.Argument(help="Tệp tình huống / cases file", show_default=False)] = None,
    path: SetOption = None,
    register: RegisterOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Chạy các tình huống có tên. / Run named cases; exit 1 where the set decides otherwise."""
    from services.routing.commands.asking import loaded, reading
    from services.routing.commands.regulation_files import load_cases
    from services.routing.commands.regulations_telling import show_tested
    from services.routing.commands.regulations_view import tested_document
    from services.routing.regulations.telling.cases import decided, mismatches

    given = loaded(path, register, lang)
    file = reading(lang, lambda: load_cases(cases))
    regulator = given.regulator
    outcomes = [(case, tuple(mismatches(case.expect, decided(case, file, regulator)))) for case in file.cases]
    document = tested_document(outcomes, given)
    emit(document, as_json, lambda console: show_tested(console, document, lang))
    if document["failed"]:
        raise typer.Exit(Exit.CHECK_FAILED)


@commands.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Bộ cũ / the older set")],
    new: Annotated[Path, typer.Argument(help="Bộ mới / the newer set")],
    cases: CasesOption = None,
    register: RegisterOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Hai bộ khác nhau ở đâu, và đổi gì cho ai. / How two sets differ, and what changes for whom."""
    from services.routing.commands.asking import loaded, reading
    from services.routing.commands.regulation_files import load_cases
    from services.routing.commands.regulations_telling import show_difference
    from services.routing.commands.regulations_view import difference_document

    before, after = loaded(old, register, lang), loaded(new, register, lang)
    file = reading(lang, lambda: load_cases(cases))
    document = difference_document(before, after, file)
    emit(document, as_json, lambda console: show_difference(console, document, lang))


def _save(file: Path, findings: "list[Finding]", given: "Regulations", lang: Language) -> None:
    from services.routing.commands.regulation_files import save_cases
    from services.routing.regulations.proof.saved import as_cases

    on, reporter = str(given.regulation_set.valid_from), given.regulation_set.fallback.last_resort.agency
    try:
        save_cases(file, as_cases(findings, given.regulator), on, reporter)
    except OSError as error:
        fail(Exit.USAGE, lang.pick(f"Không ghi được {file}.", f"{file} cannot be written."), error.strerror or "")

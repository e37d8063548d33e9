"""`phoihop ledger witness`: runs a witness for other people's ledgers, and shows it their changes of keys."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from typer.core import TyperGroup

from services.audit.commands.shared_cli import explained, settings_of
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from typer._click.core import Context

    from services.audit.settings import AuditSettings
    from services.audit.tlog.notes import VerifierKey
    from services.audit.tlog.succession import Believed, Disputed, NotBelieved
    from services.audit.witness.answering import Witness
    from services.audit.witness.states import States

_SERVE: Final = "serve"
LogsOption = Annotated[
    Path, typer.Option("--logs", help="Khóa công khai của các sổ, mỗi dòng một khóa / vkeys of logs, one a line")
]
StateOption = Annotated[
    Path | None, typer.Option("--state", help="Những gì đã đồng ký / what was cosigned", show_default=False)
]


class _Serving(TyperGroup):
    """`ledger witness NAME …` serves, as it did before there was anything else to type after `witness`."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Whatever is no command of the group is the witness's name, or an option of serving."""
        named = not args or args[0] in {*self.commands, "--help"}
        return super().parse_args(ctx, args if named else [_SERVE, *args])


commands = typer.Typer()
witness_commands = typer.Typer(cls=_Serving, no_args_is_help=True)
commands.add_typer(witness_commands, name="witness", help="Nhân chứng cho sổ khác / witness other agencies' ledgers")


@witness_commands.command(_SERVE)
def witness(
    name: Annotated[str, typer.Argument(help="Tên khóa của nhân chứng, như da-nang.example / name of its key")],
    logs: LogsOption,
    key: Annotated[Path | None, typer.Option("--key", help="Khóa ký / signing key")] = None,
    state: StateOption = None,
    http: Annotated[str, typer.Option("--http", help="HOST:PORT")] = "127.0.0.1:8465",
    nats_name: Annotated[str | None, typer.Option("--nats", help="Tên trên NATS / name on NATS: [a-z0-9-]")] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Làm nhân chứng cho sổ của cơ quan khác đến khi SIGTERM. / Witness other agencies' ledgers until SIGTERM."""
    import asyncio

    from services.runtime.logs import configure

    settings = settings_of(lang)
    configure("witness", settings.log_format, settings.log_level)
    made = _made(lang, settings, name, logs, (key, state))
    asyncio.run(_serving(lang, settings, made, http, nats_name, as_json=as_json))
    if made.contradictions:
        raise typer.Exit(Exit.CHECK_FAILED)


@witness_commands.command()
def trust(
    note: Annotated[
        str, typer.Argument(metavar="FILE|-", help="Thông báo đổi khóa / what `ledger key rotate` printed")
    ],
    logs: LogsOption,
    state: StateOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Tin khóa mới của một sổ, theo thông báo do khóa cũ ký. / Trust a log's new key, as its old key announced it."""
    from services.audit.commands.succession_texts import succession_document, succession_lines
    from services.audit.tlog.succession import Believed
    from services.runtime.logs import configure

    settings = settings_of(lang)
    configure("witness", settings.log_format, settings.log_level)
    outcome = _shown(lang, settings, note, logs, state)
    emit(succession_document(outcome), as_json, lambda out: out.print(*succession_lines(lang, outcome), sep="\n"))
    if not isinstance(outcome, Believed):
        raise typer.Exit(Exit.CHECK_FAILED)


def _shown(
    lang: Language, settings: "AuditSettings", note: str, logs: Path, state: Path | None
) -> "Believed | Disputed | NotBelieved":
    from services.audit.notary.anchor_folder import UnusableFileError
    from services.audit.tlog.notes import MalformedNoteError, Note
    from services.audit.witness.states import WitnessStateError
    from services.audit.witness.trusting import take_rotation

    with explained(lang):
        try:
            shown = Note.parse(sys.stdin.buffer.read() if note == "-" else Path(note).read_bytes())
            return take_rotation(_states(settings, state), _logs(logs), settings.alarms, shown)
        except (OSError, MalformedNoteError, WitnessStateError) as error:
            raise UnusableFileError(f"{note}: {error}") from error


def _states(settings: "AuditSettings", state: Path | None) -> "States":
    from services.audit.witness.states import States

    states = States(state or settings.home / "witness.db")
    states.prepare()
    return states


def _made(
    lang: Language, settings: "AuditSettings", name: str, logs: Path, files: tuple[Path | None, Path | None]
) -> "Witness":
    from services.audit.notary.anchor_folder import UnusableFileError
    from services.audit.notary.key_files import signer_of
    from services.audit.tlog.notes import WitnessSigner
    from services.audit.witness.answering import Witness
    from services.audit.witness.states import WitnessStateError
    from services.runtime.clock import now

    key, state = files
    with explained(lang):
        signer = signer_of(key or settings.home / "keys" / "witness.key", name, WitnessSigner)
        try:
            states = _states(settings, state)
        except WitnessStateError as error:
            raise UnusableFileError(str(error)) from error
        known = _logs(logs)
    return Witness((signer,), known, states, settings.alarms, lambda: int(now().timestamp()))


def _logs(path: Path) -> "dict[str, tuple[VerifierKey, ...]]":
    from services.audit.notary.anchor_folder import UnusableFileError
    from services.audit.notary.key_files import trusted_keys

    known: dict[str, tuple[VerifierKey, ...]] = {}
    for key in trusted_keys(path):
        known[key.name] = (*known.get(key.name, ()), key)
    if not known:
        raise UnusableFileError(f"{path}: no key of any log")
    return known


async def _serving(
    lang: Language, settings: "AuditSettings", witness: "Witness", http: str, nats_name: str | None, *, as_json: bool
) -> None:
    from contextlib import AsyncExitStack

    from contracts.identity import witness as witness_named
    from services.audit.commands.texts import say
    from services.audit.witness.doors import nats_door, serve_http
    from services.runtime.addresses import bus_creds, bus_url
    from services.runtime.jetstream import BusUnavailableError
    from services.runtime.sending import connection

    host, _, port = http.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter(f"{http}: HOST:PORT")
    async with AsyncExitStack() as opened:
        if nats_name is not None:
            url = bus_url(settings)
            try:
                client = await opened.enter_async_context(
                    connection(url, bus_creds(settings, witness_named(nats_name)), patient=True)
                )
                await nats_door(witness, client, nats_name)
            except (BusUnavailableError, ValueError) as error:
                fail(Exit.UNREACHABLE, say(lang, "unreachable"), str(error), "phoihop doctor")

        async def ready(url: str) -> None:
            vkeys = [str(signer.verifier) for signer in witness.signers]
            document = {"witness": vkeys, "http": url, "nats": nats_name, "logs": sorted(witness.logs)}
            line = f"witness {vkeys[0].partition('+')[0]} {vkeys[0]} {f'nats:{nats_name}' if nats_name else url}"
            emit(document, as_json, lambda out: out.print(say(lang, "witnessing", url=url), line, sep="\n"))

        await serve_http(witness, host, int(port), ready)

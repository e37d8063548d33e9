"""`phoihop ledger witness`: runs a witness for other people's ledgers; what it cosigns is decided in `witnessing`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit.commands.shared_cli import explained, settings_of
from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from services.audit.settings import AuditSettings
    from services.audit.tlog.notes import VerifierKey
    from services.audit.witness.answering import Witness

commands = typer.Typer()


@commands.command()
def witness(
    name: Annotated[str, typer.Argument(help="Tên khóa của nhân chứng, như da-nang.example / name of its key")],
    logs: Annotated[Path, typer.Option("--logs", help="Khóa công khai của các sổ, mỗi dòng một khóa / vkeys of logs")],
    key: Annotated[Path | None, typer.Option("--key", help="Khóa ký / signing key")] = None,
    state: Annotated[Path | None, typer.Option("--state", help="Những gì đã đồng ký / what was cosigned")] = None,
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


def _made(
    lang: Language, settings: "AuditSettings", name: str, logs: Path, files: tuple[Path | None, Path | None]
) -> "Witness":
    from services.audit.notary.anchor_folder import UnusableFileError
    from services.audit.notary.key_files import signer_of
    from services.audit.tlog.notes import WitnessSigner
    from services.audit.witness.answering import Witness
    from services.audit.witness.states import States, WitnessStateError
    from services.runtime.clock import now

    key, state = files
    with explained(lang):
        signer = signer_of(key or settings.home / "keys" / "witness.key", name, WitnessSigner)
        states = States(state or settings.home / "witness.db")
        try:
            states.prepare()
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
                client = await opened.enter_async_context(connection(url, bus_creds(settings), patient=True))
                await nats_door(witness, client, nats_name)
            except (BusUnavailableError, ValueError) as error:
                fail(Exit.UNREACHABLE, say(lang, "unreachable"), str(error), "phoihop doctor")

        async def ready(url: str) -> None:
            vkeys = [str(signer.verifier) for signer in witness.signers]
            document = {"witness": vkeys, "http": url, "nats": nats_name, "logs": sorted(witness.logs)}
            line = f"witness {vkeys[0].partition('+')[0]} {vkeys[0]} {f'nats:{nats_name}' if nats_name else url}"
            emit(document, as_json, lambda out: out.print(say(lang, "witnessing", url=url), line, sep="\n"))

        await serve_http(witness, host, int(port), ready)

"""`phoihop topology` and `contracts`: what operators and builders run against the server and the tree."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from nats.aio.client import Client
    from rich.console import Console

    from contracts.identity import Identity

topology_commands = typer.Typer(no_args_is_help=True)
contracts_commands = typer.Typer(no_args_is_help=True)


ReplicasOption = Annotated[
    int | None, typer.Option("--replicas", help="1, 3, 5 máy chủ của cụm giữ mỗi luồng / servers that keep each stream")
]


@topology_commands.command("diff")
def topology_diff(
    replicas: ReplicasOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI
) -> None:
    """So luồng, bộ nhận với máy chủ. / Compare streams and consumers with the server."""
    changes = _changes(lang, replicas, apply=False)
    _show_changes(changes, as_json=as_json, lang=lang)
    raise typer.Exit(Exit.CHECK_FAILED if changes else Exit.OK)


@topology_commands.command("apply")
def topology_apply(
    replicas: ReplicasOption = None, as_json: JsonOption = False, lang: LanguageOption = Language.VI
) -> None:
    """Tạo, sửa luồng và bộ nhận cho khớp; không xóa gì. / Make the server match; deletes nothing."""
    _show_changes(_changes(lang, replicas, apply=True), as_json=as_json, lang=lang)


@contracts_commands.command("export")
def contracts_export(
    into: Annotated[Path, typer.Option(help="Thư mục / folder")] = Path("contracts/published"),
    check: Annotated[bool, typer.Option("--check", help="Chỉ kiểm tra / only check for drift")] = False,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Ghi JSON Schema, AsyncAPI 3, OpenAPI. / Write JSON Schemas, AsyncAPI 3 and OpenAPI."""
    from services.stack.publication import drift, write

    changed = drift(into) if check else write(into)
    emit(
        {"changed": changed},
        as_json,
        lambda console: console.print("\n".join(changed) or lang.pick("Khớp.", "No drift.")),
    )
    raise typer.Exit(Exit.CHECK_FAILED if check and changed else Exit.OK)


def _changes(lang: Language, replicas: int | None, *, apply: bool) -> list[dict[str, Any]]:
    from contracts.identity import PROVISION
    from contracts.streams import CONSUMERS, STREAMS
    from services.runtime import topology
    from services.runtime.register.loading import load_register
    from services.runtime.settings import RuntimeSettings

    settings = RuntimeSettings()
    if replicas not in {None, 1, 3, 5}:
        fail(Exit.USAGE, lang.pick("--replicas là 1, 3 hoặc 5.", "--replicas is 1, 3 or 5."))
    copies = settings.replicas if replicas is None else replicas
    register = load_register(settings.reference / "register.yaml")
    streams = [stream.on(copies) for stream in STREAMS]
    act = topology.apply if apply else topology.diff

    async def work(client: "Client") -> list[topology.Change]:
        desks = await topology.served_desk_consumers(client, register)
        return await act(client, streams, (*CONSUMERS, *desks))

    changes = on_bus(lang, PROVISION, work)
    return [{"kind": c.kind, "name": c.name, "action": c.action, "fields": sorted(c.fields)} for c in changes]


def on_bus(lang: Language, who: "Identity", work: "Callable[[Client], Awaitable[list[Any]]]") -> list[Any]:
    """What a piece of work on the bus, done as this identity, gives; ends the command where it cannot be done."""
    import asyncio

    from services.runtime.addresses import bus_creds, bus_url
    from services.runtime.jetstream import BusUnavailableError, JetStreamRefusedError
    from services.runtime.sending import connection
    from services.runtime.settings import RuntimeSettings

    settings = RuntimeSettings()

    async def run() -> list[Any]:
        async with connection(bus_url(settings), bus_creds(settings, who)) as client:
            return await work(client)

    main: Coroutine[Any, Any, list[Any]] = run()
    try:
        return asyncio.run(main)
    except BusUnavailableError as error:
        fail(Exit.UNREACHABLE, lang.pick("Không tới được NATS.", "NATS cannot be reached."), str(error), "phoihop up")
    except JetStreamRefusedError as error:
        text = lang.pick("Máy chủ từ chối.", "The server refused.")
        fail(Exit.CHECK_FAILED, text, str(error), "phoihop topology apply")


def _show_changes(changes: list[dict[str, Any]], *, as_json: bool, lang: Language) -> None:
    def render(console: "Console") -> None:
        for change in changes:
            console.print(f"{change['action']:7} {change['kind']:8} {change['name']}  {' '.join(change['fields'])}")
        if not changes:
            console.print(lang.pick("Máy chủ khớp với hợp đồng.", "The server matches the contracts."))

    emit({"changes": changes}, as_json, render)

"""`phoihop identity cluster`: parses and prints; what servers of a cluster are told is made elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from services.runtime.terminal import Exit, JsonOption, Language, LanguageOption, emit, fail
from services.stack.identity.asking_cli import HomeOption, answered, keeping_of

clustering_commands = typer.Typer(no_args_is_help=True)

HostsArgument = Annotated[list[str], typer.Argument(help="Tên DNS của 3 hoặc 5 máy chủ / DNS names of 3 or 5 servers")]
IntoOption = Annotated[Path, typer.Option("--into", help="Thư mục nhận, một thư mục cho mỗi máy / folder for them all")]
UsedInOption = Annotated[Path, typer.Option("--at", help="Nơi tệp sẽ nằm trên máy chủ / where they will lie there")]


@clustering_commands.command()
def cluster(
    hosts: HostsArgument,
    into: IntoOption,
    at: UsedInOption = Path("/etc/phoihop/nats"),
    home: HomeOption = None,
    as_json: JsonOption = False,
    lang: LanguageOption = Language.VI,
) -> None:
    """Cấu hình và chứng thư cho máy chủ của một cụm. / What the servers of a cluster need, a folder for each."""
    from services.runtime.clock import now
    from services.runtime.secret_files import replace
    from services.stack.identity.clustering import Node, UnusableClusterError, lay_out
    from services.stack.identity.keeping import ACCOUNTS

    keeping = keeping_of(home)
    nodes = [Node(host) for host in hosts]
    try:
        answered(lang, lambda: keeping.complete(()))
        folders = answered(lang, lambda: lay_out(keeping.encryption, nodes, into.absolute(), at, now()))
    except UnusableClusterError as error:
        fail(Exit.USAGE, lang.pick("Các máy này không thành một cụm.", "These make no cluster."), str(error))
    for folder in folders:
        answered(lang, lambda place=folder / ACCOUNTS: replace(place, keeping.accounts.read_bytes()))  # type: ignore[misc]
    document = {"servers": [{"name": node.title, "folder": str(one)} for node, one in zip(nodes, folders, strict=True)]}
    emit(document, as_json, lambda console: console.print("\n".join(map(str, folders)), highlight=False))

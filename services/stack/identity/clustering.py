"""Writes what each server of a cluster needs: its certificate, and the text by which it lets the others in, and no one.

Whoever is let in as a server hears and says everything. So the authority's word alone is not enough: a route is opened
only to a certificate that carries the name of a server of this cluster; those of units, desks and services name none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from services.runtime.secret_files import replace
from services.stack.identity.certificates import for_server
from services.stack.identity.encryption import ENCRYPTION, HERE, Encryption, configured

CLUSTER: Final = "cluster.conf"
"""Beside the server's configuration, which includes it."""
ROUTES_PORT: Final = 6222
FEWEST: Final = 3
"""Of two, the loss of either would stop both: neither could tell whether the other decides."""


class UnusableClusterError(ValueError):
    """These servers make no cluster that survives the loss of one. Name three or five, each by its own DNS name."""


@dataclass(frozen=True, slots=True)
class Node:
    """One server of the cluster."""

    host: str
    """The DNS name under which the others, and clients, reach it; an address will not do, since routes go by names."""
    port: int = ROUTES_PORT
    listen: str = "0.0.0.0"  # noqa: S104  # who may connect is decided by certificates, and by the machine's firewall
    name: str = ""
    """What it is called; without one, by its host."""
    also: tuple[str, ...] = ()
    """Further names and addresses under which clients reach it."""

    @property
    def title(self) -> str:
        """The name in logs and in the answers of the cluster."""
        return self.name or self.host.partition(".")[0]


def lay_out(
    encryption: Encryption, nodes: Sequence[Node], into: Path, used_in: Path | None, at: datetime
) -> list[Path]:
    """One folder for each server below `into`, with everything but the accounts; their configuration says `used_in`.

    Without `used_in` each is used where it is written. Certificates are made anew every time, so doing it again renews
    them. Raises `UnusableClusterError`.
    """
    _checked(nodes)
    encryption.complete(at)
    folders = [into / node.title for node in nodes]
    for node, folder in zip(nodes, folders, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        issued = for_server(encryption.issuer(), (*HERE, node.host, *node.also), at)
        replace(folder / "server.pem", issued.pem.encode())
        replace(folder / "authorities.crt", encryption.authorities.read_bytes())
        replace(folder / ENCRYPTION, configured(used_in or folder).encode())
        replace(folder / CLUSTER, block(node, nodes, used_in or folder).encode())
    return folders


def block(node: Node, nodes: Sequence[Node], folder: Path) -> str:
    """What this server is told of itself and of the others. `folder` is where its certificates will lie."""
    own, authorities = (_quoted(str(folder / name)) for name in ("server.pem", "authorities.crt"))
    routes = "\n".join(f"    {_quoted(f'tls://{one.host}:{one.port}')}" for one in nodes)
    return f"""\
server_name: {_quoted(node.title)}
cluster {{
  name: "phoihop"
  listen: {_quoted(f"{node.listen}:{node.port}")}
  no_advertise: true
  routes: [
{routes}
  ]
  tls {{
    cert_file: {own}
    key_file: {own}
    ca_file: {authorities}
    verify: true
    verify_cert_and_check_known_urls: true
    min_version: "1.3"
    timeout: 5
  }}
}}
"""


def _checked(nodes: Sequence[Node]) -> None:
    titles = {node.title for node in nodes}
    if len(nodes) < FEWEST or len(nodes) % 2 == 0 or len(titles) != len(nodes):
        raise UnusableClusterError("three or five servers with names of their own")
    if any(node.host.replace(".", "").isdigit() or ":" in node.host for node in nodes):
        raise UnusableClusterError("a route goes by a DNS name, not by an address")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # nats.conf knows no \\u escapes

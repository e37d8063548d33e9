"""What servers of a cluster are told of each other, and which servers make none."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.runtime.settings import RuntimeSettings, ping_seconds
from services.runtime.terminal import Exit
from services.stack.identity.certificates import issued_by
from services.stack.identity.clustering import CLUSTER, Node, UnusableClusterError, block, lay_out
from services.stack.identity.encryption import Encryption
from services.stack.strictness.bus import breaches
from services.stack.strictness.server_file import block as block_of
from services.stack.strictness.server_file import read

AT = datetime(2026, 11, 1, tzinfo=UTC)
NODES = tuple(Node(f"hub-{number}.example") for number in (1, 2, 3))


def test_routes_go_by_certificates_and_by_the_names_in_them(tmp_path: Path) -> None:
    """Without the names, any unit's certificate would open a route, and a server hears and says everything."""
    (tmp_path / CLUSTER).write_text(block(NODES[1], NODES, tmp_path))

    told = read(tmp_path / CLUSTER)

    assert told["server_name"] == "hub-2"
    cluster = block_of(told, "cluster")
    assert cluster["routes"] == [f"tls://hub-{number}.example:6222" for number in (1, 2, 3)]
    assert {name: block_of(cluster, "tls")[name] for name in ("verify", "verify_cert_and_check_known_urls")} == {
        "verify": True,
        "verify_cert_and_check_known_urls": True,
    }
    assert block_of(cluster, "tls")["min_version"] == "1.3"


def test_the_doctor_finds_no_open_port_in_it(tmp_path: Path) -> None:
    """The runbook has every change held against the promises; a cluster must not be told to be open."""
    (tmp_path / CLUSTER).write_text(block(NODES[0], NODES, tmp_path))

    assert not [one.where for one in breaches(read(tmp_path / CLUSTER)) if one.where == "cluster"]


def test_each_server_has_a_certificate_of_its_own_and_says_where_it_will_lie(tmp_path: Path) -> None:
    """One key on all machines would have to be replaced on all when one is lost."""
    encryption = Encryption(tmp_path / "hub")
    (tmp_path / "hub" / "identity").mkdir(parents=True)
    folders = lay_out(encryption, NODES, tmp_path / "out", Path("/etc/phoihop/nats"), AT)

    certificates = {(folder / "server.pem").read_text() for folder in folders}
    assert [folder.name for folder in folders] == ["hub-1", "hub-2", "hub-3"]
    assert len(certificates) == 3
    assert all(issued_by(one, encryption.authorities.read_text()) for one in certificates)
    assert all('"/etc/phoihop/nats/server.pem"' in (folder / CLUSTER).read_text() for folder in folders)
    assert all((folder / "server.pem").stat().st_mode & 0o077 == 0 for folder in folders)


@pytest.mark.parametrize(
    "hosts",
    [("a.example",), ("a.example", "b.example"), tuple("abcd"), ("a", "a", "b"), ("a", "b", "192.0.2.1")],
    ids=["one", "two", "four", "same-name", "address"],
)
def test_servers_that_make_no_cluster_are_refused(tmp_path: Path, hosts: tuple[str, ...]) -> None:
    """Two or four stand still when half of them are away; routes by address could not be held to the certificate."""
    with pytest.raises(UnusableClusterError):
        lay_out(Encryption(tmp_path), [Node(host) for host in hosts], tmp_path, None, AT)


def test_an_address_of_the_bus_may_name_every_server() -> None:
    """A program that knows one server only would be cut off with it."""
    told = RuntimeSettings(nats_url="tls://a.example:4222, tls://b.example:4222")

    assert told.nats_servers == ["tls://a.example:4222", "tls://b.example:4222"]


def test_the_command_lays_down_all_that_a_server_needs(tmp_path: Path) -> None:
    """What is missing on one of three machines is found out when another has failed."""
    told = ["identity", "cluster", *(node.host for node in NODES), "--into", str(tmp_path / "out"), "--json"]
    answer = CliRunner().invoke(app, [*told, "--home", str(tmp_path / "hub")])

    assert answer.exit_code == 0, answer.output
    for server in json.loads(answer.output)["servers"]:
        folder = Path(server["folder"])
        assert {one.name for one in folder.iterdir()} == {
            "accounts.conf",
            "authorities.crt",
            "cluster.conf",
            "encryption.conf",
            "server.pem",
        }
        assert not [one for one in folder.iterdir() if one.stat().st_mode & 0o077]


def test_the_command_says_which_servers_make_no_cluster(tmp_path: Path) -> None:
    answer = CliRunner().invoke(
        app, ["identity", "cluster", "a", "b", "--into", str(tmp_path), "--home", str(tmp_path)]
    )

    assert answer.exit_code == Exit.USAGE


def test_where_there_is_another_server_a_silent_one_is_left_within_seconds() -> None:
    """A cut link says nothing: asked every ten seconds, whoever worked there would stand still for half a minute."""
    assert 3 * ping_seconds(["tls://a.example:4222", "tls://b.example:4222"]) <= 6
    assert ping_seconds(["tls://a.example:4222"]) == 10

"""Hosts as network namespaces on one bridge, each with its own link, address and names; needs root and `ip`."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMES: Final = Path("/etc/netns")
"""What stands here for a namespace is laid over /etc for the programs in it."""
_SUBNETS: Final = 250


class NoNetworkError(RuntimeError):
    """Hosts cannot be made here. They need root and iproute2: apt-get install iproute2."""


@dataclass(frozen=True, slots=True)
class Network:
    """Some hosts, and this process, which stands on the bridge like a client from elsewhere."""

    number: int
    hosts: Sequence[str]

    def address(self, host: str) -> str:
        """Of a host."""
        return f"10.77.{self.number}.{self.hosts.index(host) + 1}"

    def inside(self, host: str, command: Sequence[str]) -> list[str]:
        """The same command on that host."""
        return ["ip", "netns", "exec", self._namespace(host), *command]

    def cut(self, host: str) -> None:
        """Its link goes down: whoever waits for an answer hears nothing."""
        _ip("link", "set", self._outer(host), "down")

    def join(self, host: str) -> None:
        """Its link is up again."""
        _ip("link", "set", self._outer(host), "up")

    def part(self, pair: Sequence[str], *, apart: bool) -> None:
        """These do not reach each other; everybody else reaches both."""
        for host in pair:
            _run("bridge", "link", "set", "dev", self._outer(host), "isolated", "on" if apart else "off")

    def make(self) -> None:
        """All of it."""
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("address", "add", f"10.77.{self.number}.254/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        for host in self.hosts:
            self._make(host)

    def unmake(self) -> None:
        """All of it, whatever is left of it."""
        for host in self.hosts:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "delete", self._namespace(host))
            shutil.rmtree(NAMES / self._namespace(host), ignore_errors=True)
        with suppress(subprocess.CalledProcessError):
            _ip("link", "delete", self._bridge)

    def _make(self, host: str) -> None:
        namespace, outer, inner = self._namespace(host), self._outer(host), self._outer(host).replace("o", "i")
        (NAMES / namespace).mkdir(parents=True)
        known = {"127.0.0.1": "localhost"} | {self.address(one): one for one in self.hosts}
        (NAMES / namespace / "hosts").write_text("".join(f"{address} {name}\n" for address, name in known.items()))
        _ip("netns", "add", namespace)
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
        _ip("link", "set", inner, "netns", namespace)
        _ip("link", "set", outer, "master", self._bridge)
        _ip("link", "set", outer, "up")
        for settings in (
            ("address", "add", f"{self.address(host)}/24", "dev", inner),
            ("link", "set", inner, "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", namespace, *settings)

    def _namespace(self, host: str) -> str:
        return f"phoihop-{self.number}-{host}"

    def _outer(self, host: str) -> str:
        return f"pho{self.number}-{self.hosts.index(host) + 1}"

    @property
    def _bridge(self) -> str:
        return f"phbr{self.number}"


@contextmanager
def network(hosts: Sequence[str]) -> Iterator[Network]:
    """Made for the block. Raises `NoNetworkError`."""
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("bridge") is None:
        raise NoNetworkError("hosts need root and the commands `ip` and `bridge`. Next: apt-get install iproute2")
    made = Network(os.getpid() % _SUBNETS, hosts)
    try:
        made.make()
        yield made
    except subprocess.CalledProcessError as error:
        raise NoNetworkError(f"{' '.join(error.cmd)}: {error.stderr.strip()}") from error
    finally:
        made.unmake()


def environment(told: Mapping[str, str]) -> dict[str, str]:
    """This process's, without what it was told of another system, and with what a program is told here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PHOIHOP_")}
    return kept | {f"PHOIHOP_{name}": value for name, value in told.items()}


def _ip(*arguments: str) -> None:
    _run("ip", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)

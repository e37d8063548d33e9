"""Decides under which account a server runs that refuses to run as root, and whether that account can reach a path."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED_USER = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system account a child process is started under."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account to drop to when we are root; None when we already run as an ordinary user."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED_USER)
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def can_enter(account: Account, folder: Path) -> bool:
    """Whether the account may pass through every existing folder from the root down to `folder`."""
    resolved = folder.resolve()
    return all(_may_pass(account, path.stat()) for path in (resolved, *resolved.parents) if path.exists())


def hand_over(account: Account | None, path: Path) -> None:
    """Make the account the owner of one file or folder; nothing to do when no account is given."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def open_for_reading(tree: Path) -> None:
    """Let every account read a tree that we copied, whatever umask it was made under."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            executable = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
            path.chmod(stat.S_IMODE(mode) | 0o444 | (0o111 if executable else 0))


def _may_pass(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)

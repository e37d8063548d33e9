"""Keeps the password of a database out of the environment of processes: it stands in a file for its owner only."""

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_ANY: Final = "*"


def by_file(dsn: str, file: Path) -> str:
    """The same address naming the file for its password, which is put there; unchanged where it holds none.

    The file is libpq's: `host:port:database:user:password`, of which a process's one login needs the last alone.
    """
    parts = urlsplit(dsn)
    if not parts.password:
        return dsn
    password = unquote(parts.password).replace("\\", "\\\\").replace(":", "\\:")
    fresh = file.with_name(f".{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
        written.write(":".join([*[_ANY] * 4, password]) + "\n")
    fresh.replace(file)
    login, _, place = parts.netloc.rpartition("@")
    netloc = f"{login.partition(':')[0]}@{place}"
    named = f"passfile={quote(str(file.absolute()))}"
    return urlunsplit(parts._replace(netloc=netloc, query=f"{parts.query}&{named}" if parts.query else named))

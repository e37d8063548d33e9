"""Where a demonstration keeps its servers' data: a folder of its own, temporary unless the user names one."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HomeInUseError(Exception):
    """The folder holds the data of a stack; a story told on top of it would not be the one that was written."""


@contextmanager
def fresh_home(given: Path | None) -> Iterator[Path]:
    """A folder for one demonstration. A temporary one is removed afterwards, unless something failed: for its logs.

    Raises:
        HomeInUseError: the folder the user named holds data.
    """
    if given is not None:
        if any((given / server).exists() for server in ("nats", "postgres")):
            raise HomeInUseError(str(given))
        yield given.absolute()
        return
    home = Path(tempfile.mkdtemp(prefix="phoihop-demo-"))
    home.chmod(0o711)  # Postgres started by root runs as another account and must pass
    yield home
    shutil.rmtree(home, ignore_errors=True)

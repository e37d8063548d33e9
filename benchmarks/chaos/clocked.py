"""Becomes a phoihop command whose wall clock follows a file, by Debian's libfaketime; its monotonic clock does not."""

import os
import sys
from pathlib import Path
from typing import Final

LIBRARIES: Final = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
TRUE: Final = "+0"


def clock_of(clocks: Path, name: str) -> Path:
    """The file that a process of this name follows, within a second."""
    return clocks / f"{name}.clock"


def main() -> None:
    """`LIBRARY FOLDER phoihop-arguments…`; the last argument names the clock."""
    library, clocks, *arguments = sys.argv[1:]
    follows = clock_of(Path(clocks), arguments[-1])
    if not follows.exists():
        follows.write_text(f"{TRUE}\n")
    told = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(follows),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    os.execve(sys.executable, [sys.executable, "-m", "services.cli", *arguments], {**os.environ, **told})  # noqa: S606


if __name__ == "__main__":
    main()

"""`python -m benchmarks.running NAME …`: one benchmark in this process, and with its figures how they were taken."""

import inspect
import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from benchmarks.__main__ import parser
from benchmarks.catalogue import OPTIONS
from benchmarks.measuring import Start

FIGURES: Final = Path(__file__).parent / "results"


def main() -> None:
    """The name and the options that this benchmark takes; others are for those that run beside it."""
    given = parser().parse_args()
    [name] = given.names
    run: Callable[..., None] = import_module(f"benchmarks.{name}").run
    path: Path = given.json or FIGURES / f"{name}.json"
    start, taken = Start.now(), own_options(run, given)
    run(path, given.rounds, given.offline, **taken)
    figures = json.loads(path.read_text(encoding="utf-8")) | {"run": start.told(command(name, given, taken))}
    path.write_text(f"{json.dumps(figures, ensure_ascii=False, indent=2)}\n", encoding="utf-8")


def own_options(run: Callable[..., None], given: Namespace) -> dict[str, Any]:
    """Of the options given, those this benchmark has a parameter for."""
    names = OPTIONS.keys() & inspect.signature(run).parameters
    return {name: value for name in sorted(names) if (value := getattr(given, name)) is not None}


def command(name: str, given: Namespace, taken: Mapping[str, Any]) -> str:
    """What to type for the same again."""
    words = ["python -m benchmarks", name, f"--rounds {given.rounds}", *(["--offline"] if given.offline else [])]
    for option, value in taken.items():
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        words.append(f"--{option}" if value is True else f"--{option} {text}")
    return " ".join(words)


if __name__ == "__main__":
    main()

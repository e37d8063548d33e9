"""What README and guides tell people to type exists, with its options; and README leaves no command out."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer.main

from services.cli import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
TREE = typer.main.get_command(app)
INTERNAL = {"serve"}
"""Started by the stack and by unit files, not typed."""
_QUOTED = re.compile(r"`([^`\n]+)`|^ {4}(\S.*)$", re.MULTILINE)
_WORD = re.compile(r"[a-z][a-z-]*(?:\\?\|[a-z][a-z-]*)*")
_OPTION = re.compile(r"--[a-z][a-z-]*")


def spoken(page: Path) -> Iterator[str]:
    """Every piece of code on the page that begins with the command's name; continued lines are one."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    for quoted, indented in _QUOTED.findall(text):
        for line in (quoted or indented).splitlines():
            if found := re.search(r"(?:^|bin/)phoihop (.+)", line.strip()):
                yield found[1].split(" #")[0]


def commands_of(typed: str) -> list[tuple[str, Any]]:
    """The commands that one line names; `open|close` names two."""
    reached: list[tuple[str, Any]] = [("", TREE)]
    for word in typed.split():
        groups = [(path, command) for path, command in reached if hasattr(command, "commands")]
        if not groups or not _WORD.fullmatch(word):
            break
        ((path, group),) = groups
        reached = [(f"{path} {name}".strip(), found(path, group, name)) for name in re.split(r"\\?\|", word)]
    return reached


def found(path: str, group: Any, name: str) -> Any:
    assert name in group.commands, f"there is no `phoihop {path} {name}`"
    return group.commands[name]


def leaves(group: Any, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip()


def options_of(command: Any) -> set[str]:
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {
        "--help"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_is_told_exists(page: Path) -> None:
    for typed in spoken(page):
        reached = commands_of(typed)
        told = set(_OPTION.findall(typed))
        known = set().union(*(options_of(command) for _, command in reached))
        assert told <= known, f"`phoihop {typed}` in {page.name}: no option {sorted(told - known)}"


def test_readme_tells_every_command_and_no_other() -> None:
    there = set(leaves(TREE))
    beside = {f"{path} {name}".strip() for path, name in _named_beside(PAGES[0])}
    assert beside <= there
    told = beside | {path for typed in spoken(PAGES[0]) for path, _ in commands_of(typed)}
    missing = {leaf for leaf in there - INTERNAL if not any(leaf.startswith(path) for path in told if path)}
    assert not missing


def _named_beside(page: Path) -> Iterator[tuple[str, str]]:
    """In a row of the table later pieces of code leave out what the first one says: `trail` after `ledger verify`."""
    for row in page.read_text(encoding="utf-8").splitlines():
        quoted = re.findall(r"`([^`]+)`", row.split(" | ")[0]) if row.startswith("| `phoihop ") else []
        for other in quoted[1:]:
            *path, last = takewhile(_WORD.fullmatch, other.split())
            group = " ".join(path) or _group(quoted[0])
            yield from ((group, name) for name in re.split(r"\\?\|", last))


def _group(typed: str) -> str:
    path, _ = commands_of(typed.removeprefix("phoihop "))[0]
    return path.rpartition(" ")[0]

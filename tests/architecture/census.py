"""Reads the Python of a tree as syntax, so that rules can judge it without importing it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

PRODUCT: Final = ("contracts", "services")
EVERYTHING: Final = ("contracts", "services", "deploy", "tests", "benchmarks")


@dataclass(frozen=True)
class Module:
    """One source file: where it is in the tree, its text and its syntax."""

    path: PurePosixPath
    text: str
    tree: ast.Module

    def at(self, node: ast.AST, problem: str) -> str:
        """A finding as an editor understands it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)} {problem}"


def modules(root: Path, folders: tuple[str, ...] = EVERYTHING) -> Iterator[Module]:
    """Every Python file under these folders, in a stable order."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield Module(PurePosixPath(path.relative_to(root)), text, ast.parse(text, str(path)))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain; what is not a plain name at its start is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every imported name in full, wherever in the file it is imported: `from os import environ` is `os.environ`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield from ((node, f"{source}.{alias.name}") for alias in node.names)


def used(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every dotted name in full, with import aliases resolved: `import time as t; t.time()` is `time.time`."""
    origin = dict(_bindings(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            head, _, rest = dotted(node).partition(".")
            full = origin.get(head, head)
            yield node, f"{full}.{rest}" if rest else full


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname, alias.name) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def strings(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every string that is not a docstring; the holes of an f-string read `{}`."""
    ignored = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            ignored |= {id(part) for part in node.values}
            yield node, "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
            yield node, node.value

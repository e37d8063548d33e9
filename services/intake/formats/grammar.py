"""Checks an element against a sequence of named children with counts and values, as CAP and EDXL schemas are built.

It judges structure and single values; what joins several elements is a rule of the format's own module.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contracts.problems import Problem, ProblemCode
from services.intake.formats.safe_xml import XML_SPACE, Node
from services.intake.formats.xsd_values import Check, anything

_SCHEMA_HINTS: Final = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}" for name in ("schemaLocation", "noNamespaceSchemaLocation")
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """An element that holds text only."""

    name: str
    least: int = 1
    most: int | None = 1
    """None: any number."""
    check: Check = anything
    code: ProblemCode | None = None
    """The code of a wrong value, where the format's own would say too little."""


@dataclass(frozen=True, slots=True)
class Group:
    """An element that holds elements, in this order and no other."""

    name: str
    children: tuple["Leaf | Group | Foreign", ...]
    least: int = 1
    most: int | None = 1
    foreign_attributes: bool = False
    """Whether attributes of other namespaces may stand on it."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """Elements of one other namespace (None: of any other) whose content is not ours to judge."""

    namespace: str | None
    least: int = 0
    name: str = "*"
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Applies a grammar; `code` is what a breach of it is called."""

    namespace: str
    code: ProblemCode

    def breaches(self, node: Node, group: Group, path: str) -> Iterator[Problem]:
        """Every way in which the element breaks the grammar, in document order."""
        yield from self._attributes(node, path, foreign=group.foreign_attributes)
        if node.text.strip(XML_SPACE):
            yield self._problem(path, "text may not stand between elements")
        position, counts = 0, [0] * len(group.children)
        for child, where in placed(node, path):
            index = self._index(child, group.children)
            if index is None:
                yield self._problem(where, f"is not an element of {group.name}")
                continue
            if index < position:
                yield self._problem(where, f"must stand before {group.children[position].name}")
            position = max(position, index)
            counts[index] += 1
            yield from self._child(child, group.children[index], where)
        yield from self._counts(group, counts, path)

    def _child(self, child: Node, particle: Leaf | Group | Foreign, where: str) -> Iterator[Problem]:
        match particle:
            case Group():
                yield from self.breaches(child, particle, where)
            case Leaf():
                yield from self._attributes(child, where, foreign=False)
                if child.children:
                    yield self._problem(where, "may hold text only")
                elif finding := particle.check(child.text):
                    yield Problem(code=particle.code or self.code, field=where, detail=finding)
            case Foreign():
                return

    def _counts(self, group: Group, counts: Sequence[int], path: str) -> Iterator[Problem]:
        for particle, count in zip(group.children, counts, strict=True):
            if count < particle.least:
                yield self._problem(f"{path}/{particle.name}", "is required and missing")
            if particle.most is not None and count > particle.most:
                yield self._problem(f"{path}/{particle.name}", f"may stand {particle.most} time, not {count}")

    def _attributes(self, node: Node, path: str, *, foreign: bool) -> Iterator[Problem]:
        for name in node.attributes:
            elsewhere = foreign and name.startswith("{") and not name.startswith(f"{{{self.namespace}}}")
            if name not in _SCHEMA_HINTS and not elsewhere:
                yield self._problem(path, "carries an attribute that the schema does not know")

    def _index(self, child: Node, particles: Sequence[Leaf | Group | Foreign]) -> int | None:
        return next((index for index, particle in enumerate(particles) if self._fits(child, particle)), None)

    def _fits(self, child: Node, particle: Leaf | Group | Foreign) -> bool:
        if not isinstance(particle, Foreign):
            return child.namespace == self.namespace and child.name == particle.name
        if particle.namespace is not None:
            return child.namespace == particle.namespace
        return child.namespace not in ("", self.namespace)

    def _problem(self, path: str, finding: str) -> Problem:
        return Problem(code=self.code, field=path, detail=finding)


def placed(node: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The children with their paths; a child that stands several times is numbered from 1, as in `alert/info[2]`."""
    totals = Counter(child.name for child in node.children)
    seen: Counter[str] = Counter()
    for child in node.children:
        seen[child.name] += 1
        number = f"[{seen[child.name]}]" if totals[child.name] > 1 else ""
        yield child, f"{path}/{child.name}{number}"

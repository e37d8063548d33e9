"""Finds the CAP alerts in an Atom feed or entry. Entries that only link to an alert hold none."""

from collections.abc import Iterator
from typing import Final

from services.intake.formats.cap import is_alert
from services.intake.formats.grammar import placed
from services.intake.formats.safe_xml import Node

ATOM: Final = "http://www.w3.org/2005/Atom"


def is_atom(node: Node) -> bool:
    """Whether this is a feed or a single entry."""
    return node.namespace == ATOM and node.name in ("feed", "entry")


def alerts(node: Node) -> Iterator[tuple[Node, str]]:
    """Every alert in the content of every entry, with its path."""
    entries = placed(node, node.name) if node.name == "feed" else iter([(node, node.name)])
    for entry, entry_path in entries:
        for content, content_path in placed(entry, entry_path):
            if content.name == "content" and content.namespace == ATOM:
                yield from ((child, path) for child, path in placed(content, content_path) if is_alert(child))

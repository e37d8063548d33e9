"""A duty desk on one day, as decisions meet it again and again. It knows no rules and looks nothing up."""

from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.decisions import Addressee
from contracts.register import Tree


class Recipients(NamedTuple):
    """The desks found, and why some are missing."""

    found: "tuple[Post, ...]"
    missing: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Post:
    """A desk of the register on one day; a day has one of each, so it is compared by identity."""

    addressee: Addressee
    tree: Tree
    """The tree in which its agency is commanded."""
    ways: dict[tuple[Tree, str, str], tuple[Addressee, ...]] = field(default_factory=dict, repr=False)
    """Whom its silence reaches, by tree and the agency and desk at the very top, as far as asked before."""
    alone: Recipients = field(init=False, repr=False)
    """Just this desk."""

    def __post_init__(self) -> None:
        self.alone = Recipients((self,), ())

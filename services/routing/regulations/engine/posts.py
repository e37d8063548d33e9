"""The duty desks of one day: which there are, and whom the silence of each reaches. It knows no rules and no areas."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from contracts.decisions import Addressee
from contracts.register import Agency, Tree
from services.routing.regulations.rules.agency_types import own_tree

Superiors = Callable[[str, Tree], tuple[str, ...]]
_NONE: Final[Mapping[str, "Post"]] = {}


class Nobody(NamedTuple):
    """The named reason why a recipient does not resolve."""

    reason: str


class Recipients(NamedTuple):
    """The desks found, and why some are missing."""

    found: "tuple[Post, ...]"
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Upward:
    """An agency and all above it in one tree, nearest first: what all agencies right below it share."""

    agencies: tuple[str, ...]
    desks: tuple[Addressee, ...]
    """Their duty desks."""
    _to: dict[tuple[str, str], tuple[Addressee, ...]] = field(default_factory=dict, repr=False)

    def to(self, top: Addressee) -> tuple[Addressee, ...]:
        """Their duty desks, at last the very top."""
        if (known := self._to.get((top.agency, top.desk))) is None:
            known = self._to[top.agency, top.desk] = self.desks if top in self.desks else (*self.desks, top)
        return known


@dataclass(slots=True, eq=False)
class Post:
    """A desk of the register on one day; a day has one of each, so it is compared by identity."""

    addressee: Addressee
    tree: Tree
    """The tree in which its agency is commanded."""
    deputies: tuple[Addressee, ...] = ()
    """Who of the same agency is asked when it stays silent, in order: its deputies, then the duty command."""
    upward: Mapping[Tree, Upward] = field(default_factory=dict, repr=False)
    """The trees in which its agency has one superior, and is not above that itself."""
    ways: dict[tuple[Tree, str, str], tuple[Addressee, ...]] = field(default_factory=dict, repr=False)
    """Whom its silence reaches in other trees, by tree and the very top, as far as asked before."""


class Posts:
    """The desks of one day."""

    def __init__(
        self, agencies: Mapping[str, Agency], day: date, superiors: Superiors, line_of_command: Superiors
    ) -> None:
        self._agencies = agencies
        self._superiors = superiors
        self._line_of_command = line_of_command
        self._posts = {code: _posts(agency, day) for code, agency in agencies.items()}
        self._strangers: dict[Addressee, Post] = {}
        self._upward: dict[tuple[str, Tree], Upward] = {}
        for code, posts in self._posts.items():
            upward = dict(self._upward_of(code))
            for post in posts.values():
                post.upward = upward

    def of(self, agency: str) -> Mapping[str, Post]:
        """All desks of an agency by code, in the register's order."""
        return self._posts.get(agency, _NONE)

    def post(self, agency: str, desk: str | None) -> Post | Nobody:
        """The named desk of an agency, or its first one."""
        if (posts := self._posts.get(agency)) is None:
            return Nobody(f"agency {agency} is not in the register on that day")
        if desk is None:
            return next(iter(posts.values()), Nobody(f"agency {agency} has no desk"))
        return posts.get(desk) or Nobody(f"agency {agency} has no desk {desk}")

    def post_of(self, desk: Addressee) -> Post:
        """The post of a desk that gets something whether or not the register has it."""
        if isinstance(post := self.post(desk.agency, desk.desk), Post):
            return post
        if (known := self._strangers.get(desk)) is None:
            agency = self._agencies.get(desk.agency)
            known = Post(desk, Tree.ADMINISTRATIVE if agency is None else own_tree(agency.type))
            self._strangers[desk] = known
        return known

    def chain(self, agency: str, tree: Tree) -> tuple[Addressee, ...]:
        """The duty desks of all superiors in one tree, nearest first."""
        return tuple(self._first_desks(self._line_of_command(agency, tree)))

    def way(self, post: Post, tree: Tree, top: Addressee) -> tuple[Addressee, ...]:
        """Who is asked when a desk stays silent: its deputies, its superiors in that tree, at last the top itself."""
        upward = post.upward.get(tree)
        if upward is not None and post.addressee.agency != top.agency:
            return (*post.deputies, *upward.to(top)) if post.deputies else upward.to(top)
        key = (tree, top.agency, top.desk)
        if (known := post.ways.get(key)) is None:
            known = post.ways[key] = self._way(post, tree, top)
        return known

    def _way(self, post: Post, tree: Tree, top: Addressee) -> tuple[Addressee, ...]:
        way = dict.fromkeys((*post.deputies, *self.chain(post.addressee.agency, tree)))
        return tuple(way) if top in way or top == post.addressee else (*way, top)

    def _upward_of(self, agency: str) -> Iterator[tuple[Tree, Upward]]:
        for tree in Tree:
            above = self._superiors(agency, tree)
            if len(above) == 1:
                upward = self._above(above[0], tree)
                # An agency that is its own superior's superior is asked at its own place only, and not found here.
                if agency not in upward.agencies:
                    yield tree, upward

    def _above(self, agency: str, tree: Tree) -> Upward:
        if (known := self._upward.get((agency, tree))) is None:
            agencies = tuple(dict.fromkeys((agency, *self._line_of_command(agency, tree))))
            known = self._upward[agency, tree] = Upward(agencies, tuple(self._first_desks(agencies)))
        return known

    def _first_desks(self, agencies: tuple[str, ...]) -> Iterator[Addressee]:
        for agency in agencies:
            for post in self.of(agency).values():
                yield post.addressee
                break


def _posts(agency: Agency, day: date) -> dict[str, Post]:
    tree = own_tree(agency.type)
    desks = {d.code: Addressee(agency=agency.code, desk=d.code) for d in agency.desks if d.holds_on(day)}
    deputies = dict(_deputies(agency, day))
    return {
        code: Post(desk, tree, tuple([desks[stand_in] for stand_in in deputies[code]])) for code, desk in desks.items()
    }


def _deputies(agency: Agency, day: date) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who stands in for each desk, as far as they exist that day: its deputy, the deputy's deputy, the duty command."""
    next_in = {d.code: d.deputy for d in agency.desks if d.holds_on(day)}
    commands = [d.code for d in agency.desks if d.duty_command and d.holds_on(day)]
    for code in next_in:
        stand_ins: dict[str, None] = {}
        silent = code
        while (deputy := next_in[silent]) in next_in and deputy not in stand_ins and deputy != code:
            stand_ins[deputy] = None
            silent = deputy
        stand_ins |= dict.fromkeys(command for command in commands if command != code)
        yield code, tuple(stand_ins)

"""Reads a rule's sentence back, in either language: the proof that the sentence says all that decides.

It understands exactly what `sentences` writes and guesses nothing; citation, code and validity stand beside a sentence.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, NamedTuple, TypeVar

from contracts.register import Tree
from contracts.taxonomy import Category
from services.routing.regulations.rules.agency_types import AgencyType
from services.routing.regulations.rules.duties import Consent, Duty, Limit, Order, WorkingLimit
from services.routing.regulations.rules.lexicon import (
    ENGLISH,
    VIETNAMESE,
    Language,
    categories_in,
    duration_pattern,
    pattern_of,
    phrases_of,
    ranges_in,
    severities_in,
    targets_in,
    types_in,
    work_units,
)
from services.routing.regulations.rules.model import Law
from services.routing.regulations.rules.phrases import ANY_INCIDENT, AREAS, CASUALTIES, ROLES, TREES, UNITS, WORKING
from services.routing.regulations.rules.targets import AgencyTarget, AnyTarget, OneTarget, Target
from services.routing.regulations.rules.when import SCALES, CalendarCondition, Family, Lasting, LevelRange, When

MeantT = TypeVar("MeantT")
_TOKEN: Final = r"([a-z0-9][a-z0-9-]{0,31})"  # noqa: S105 - a name in a subject, no secret


class UnreadableError(ValueError):
    """The sentence is not one of ours; the message says from where on."""


class Said(NamedTuple):
    """What a sentence says."""

    law: Law
    when: When
    assign: tuple[Duty, ...]


def read(text: str, language: Language) -> Said:
    """The meaning of a sentence. Raises `UnreadableError` for anything `sentences.sentence` would not write."""
    return _Reader(text, language).rule()


class _Reader:
    """A place in a sentence; every step either takes what it knows and moves on, or leaves it."""

    def __init__(self, text: str, language: Language) -> None:
        self._text = text
        self._at = 0
        self._language: Language = language
        self._words = VIETNAMESE if language == "vi" else ENGLISH

    def rule(self) -> Said:
        """The whole sentence."""
        opening = self._needed(self._one_of(self._words.openings))
        when = self._when()
        self._expect(self._words.before_duties)
        assign = self._list(self._duty, "; ")
        self._expect(".")
        if self._at != len(self._text):
            raise self._unreadable()
        return Said(opening, when, assign)

    def _when(self) -> When:
        named = self._categories()
        severity = self._clause(lambda: self._one_of(severities_in(self._language)))
        levels = {scale: self._clause(self._levels_of(scale)) for scale in SCALES}
        areas = self._clause(lambda: self._any(lambda: self._one_of(phrases_of(AREAS, self._language))))
        casualties = self._clause(lambda: self._one_of(phrases_of(CASUALTIES, self._language)))
        present = self._clause(lambda: self._types(self._words.present))
        absent = self._clause(lambda: self._types(self._words.absent))
        return When(
            category=named,
            severity_at_least=severity,
            area=areas or (),
            casualties=casualties,
            present=present or (),
            absent=absent or (),
            calendar=self._clause(self._calendar),
            lasting=self._clause(self._lasting),
            **levels,
        )

    def _categories(self) -> tuple[Category | Family, ...]:
        if self._take(getattr(ANY_INCIDENT, self._language)):
            return ()
        return self._needed(self._any(lambda: self._one_of(categories_in(self._language))))

    def _levels_of(self, scale: str) -> Callable[[], LevelRange | None]:
        return lambda: self._one_of(ranges_in(scale, self._language))

    def _types(self, around: tuple[str, str]) -> tuple[AgencyType, ...] | None:
        if not self._take(around[0]):
            return None
        found = self._any(lambda: self._one_of(types_in(self._language)))
        self._expect(around[1])
        return found

    def _calendar(self) -> CalendarCondition | None:
        months: tuple[int, ...] = ()
        if self._take(self._words.months):
            (listed,) = self._needed(self._match(r"(\d+(?:, \d+)*)"))
            months = tuple(map(int, listed.split(", ")))
            if not self._take(self._words.conjunction):
                return CalendarCondition(months=months)
        working = self._one_of(phrases_of(WORKING, self._language))
        return None if working is None else CalendarCondition(months=months, working_time=working)

    def _lasting(self) -> Lasting | None:
        least, most, both = (
            re.escape(form).replace(r"\{\}", duration_pattern(self._language)) for form in self._words.lasting
        )
        if found := self._match(both):
            return Lasting(at_least=self._time(found[0]), less_than=self._time(found[1]))
        if found := self._match(least):
            return Lasting(at_least=self._time(found[0]))
        if found := self._match(most):
            return Lasting(less_than=self._time(found[0]))
        return None

    def _duty(self) -> Duty:
        to = self._target()
        self._expect(" ")
        role = self._needed(self._one_of(phrases_of(ROLES, self._language)))
        within = self._limit() if self._take(self._words.acknowledges) else None
        return Duty(
            role=role,
            to=to,
            acknowledge_within=within,
            first_report_within=self._wait() if self._take(self._words.reports) else None,
            acknowledges_only=self._take(self._words.acknowledges_only),
            escalate=self._tree(),
            order=self._order(),
            consent=self._consent(),
        )

    def _limit(self) -> Limit:
        if working := self._match(rf"(\d+) ({'|'.join(work_units(self._language))})s?"):
            count, unit = working
            return WorkingLimit.model_validate({work_units(self._language)[unit]: int(count)})
        return self._wait()

    def _wait(self) -> timedelta:
        return self._time(self._needed(self._match(duration_pattern(self._language)))[0])

    def _tree(self) -> Tree | None:
        before, after = self._words.escalates
        if not self._take(before):
            return None
        tree = self._needed(self._one_of(phrases_of(TREES, self._language)))
        self._expect(after)
        return tree

    def _order(self) -> Order | None:
        first, second, third = self._words.order
        if not self._take(first):
            return None
        lasts = self._wait()
        self._expect(second)
        if self._language == "vi":
            prompt = self._wait()
            self._expect(third)
            return Order(lasts=lasts, prompt=prompt, next=self._one_target())
        following = self._one_target()
        self._expect(third)
        prompt = self._wait()
        self._expect(" before")
        return Order(lasts=lasts, prompt=prompt, next=following)

    def _consent(self) -> Consent | None:
        if not self._take(self._words.consent):
            return None
        of = self._list(self._one_target, self._words.conjunction)
        return Consent(of=of, written_within=self._wait() if self._take(self._words.in_writing) else None)

    def _target(self) -> Target:
        if not self._take(self._words.group):
            return self._one_target()
        members = self._list(self._one_target, self._words.disjunction)
        self._expect(")")
        return AnyTarget(any_one_of=members)

    def _one_target(self) -> OneTarget:
        target = self._one_of(targets_in(self._language))
        if target is None:
            target = AgencyTarget(agency=self._needed(self._match(re.escape(self._words.agency) + _TOKEN))[0])
        desk = self._match(self._words.desk.format(_TOKEN))
        return target if desk is None else target.model_copy(update={"desk": desk[0]})

    def _clause(self, read_one: Callable[[], MeantT | None]) -> MeantT | None:
        """One more condition after a comma, where the next is of that kind."""
        before = self._at
        if self._take(", ") and (found := read_one()) is not None:
            return found
        self._at = before
        return None

    def _any(self, read_one: Callable[[], MeantT | None]) -> tuple[MeantT, ...] | None:
        first = read_one()
        if first is None:
            return None
        found = [first]
        while self._take(self._words.disjunction):
            found.append(self._needed(read_one()))
        return tuple(found)

    def _list(self, read_one: Callable[[], MeantT], separator: str) -> tuple[MeantT, ...]:
        found = [read_one()]
        while self._take(separator):
            found.append(read_one())
        return tuple(found)

    def _one_of(self, table: Mapping[str, MeantT]) -> MeantT | None:
        """The longest phrase of the table that stands here."""
        found = pattern_of(tuple(table)).match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return table[found.group()]

    def _match(self, pattern: str) -> tuple[str, ...] | None:
        found = re.compile(pattern).match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found.groups()

    def _take(self, words: str) -> bool:
        if not self._text.startswith(words, self._at):
            return False
        self._at += len(words)
        return True

    def _expect(self, words: str) -> None:
        if not self._take(words):
            raise self._unreadable()

    def _needed(self, found: MeantT | None) -> MeantT:
        if found is None:
            raise self._unreadable()
        return found

    def _time(self, words: str) -> timedelta:
        """A duration in words."""
        names = {name: size for vi, en, size in UNITS for name in (vi, en, f"{en}s")}
        counted = re.findall(r"(\d+) (\w+)", words)
        return sum((timedelta(seconds=int(count) * names[name]) for count, name in counted), timedelta())

    def _unreadable(self) -> UnreadableError:
        return UnreadableError(f"not understood from here on: {self._text[self._at :]!r}")

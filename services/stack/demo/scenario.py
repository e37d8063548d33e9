"""What a scenario file may say, strictly: who reports what and when, how each desk behaves, what must come of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.codes import Space
from contracts.frozen import Contract
from contracts.problems import ProblemCode
from contracts.receipts import Outcome
from contracts.register import Register
from contracts.subjects import Origin
from contracts.text import Line, Paragraph, Token
from services.runtime import documents

Party = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}/[a-z0-9][a-z0-9-]{0,31}$")]
"""`agency/unit` or `agency/desk`, as people write it."""


class Expected(Contract):
    """What the story says must come of one submission; the run contradicts itself where something else does."""

    outcome: Outcome = Outcome.ACCEPTED
    codes: tuple[ProblemCode, ...] = ()
    """Reasons that a refusal must name, among others."""
    joins: Token | None = None
    """The submission whose incident this report must be joined to; none: it opens an incident."""
    filed: bool = False
    """A report about a period: it goes on file and to its readers, and is about no incident."""
    lead: Party | None = None
    """Who leads the incident once this report has been decided on."""


class Filing(Contract):
    """One submission by one unit: a report of our own JSON, a CAP alert, or an earlier submission once more."""

    key: Token
    at: timedelta
    """Since the story began."""
    by: Party
    note: Line | None = None
    """Said in the story when this happens, for example why a report is sent twice."""
    areas: tuple[Token, ...] = ()
    """Areas of the register; they become places valid on the day."""
    seen_before: timedelta = timedelta()
    """How long before it was sent somebody saw it."""
    refers_to: tuple[Token, ...] = ()
    """Earlier submissions of the same unit that this one updates."""
    report: dict[str, JsonValue] | None = None
    """The report's own fields, deliberately wrong ones too. A text `@PT5M` stands for that instant of the story."""
    cap: Paragraph | None = None
    """A CAP alert; `$identifier`, `$sent` and `$sender` are filled in."""
    resends: Token | None = None
    """The same bytes again."""
    reuses_id_of: Token | None = None
    """Other content under the id of that submission."""
    expect: Expected = Expected()

    @property
    def origin(self) -> Origin:
        """The unit as the server would authenticate it."""
        return Origin(*self.by.split("/"))

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(form is not None for form in (self.report, self.cap, self.resends)) != 1:
            raise PydanticCustomError("scenario.form", "give exactly one of report, cap and resends")
        return self

    def waits_for(self) -> Iterator[str]:
        """Submissions that must have their receipt before this one is sent."""
        named = (self.resends, self.reuses_id_of, self.expect.joins, *self.refers_to)
        yield from (key for key in named if key is not None)


class Conduct(Contract):
    """How one desk behaves in one status space."""

    desk: Party
    space: Space = Space.ACTUAL
    acknowledges_after: timedelta | None = None
    """Since a dispatch reached it; none: it sees what comes and answers nothing."""
    accepts_after: timedelta | None = None
    """Since a dispatch that asks for a decision reached it; none: it says neither yes nor no."""
    attends_from: timedelta = timedelta()
    """Since the story began; until then its software is not connected."""

    @property
    def origin(self) -> Origin:
        """The desk as the server would authenticate it."""
        return Origin(*self.desk.split("/"))


class Scenario(Contract):
    """One story."""

    code: Token
    title_vi: Line
    title_en: Line
    label_vi: Line
    label_en: Line
    starts: time
    """The clock on the wall when the story begins, in Việt Nam."""
    ends: timedelta
    """Obligations due by then are waited for."""
    speed: Annotated[float, Field(ge=1, le=3600)]
    """Story seconds per second."""
    filings: Annotated[tuple[Filing, ...], Field(min_length=1)]
    desks: tuple[Conduct, ...]

    def filing(self, key: str) -> Filing:
        """The submission of that name."""
        return next(filing for filing in self.filings if filing.key == key)


class References:
    """Checks a scenario against itself and the register: every name is known, every earlier submission is earlier."""

    def __init__(self, register: Register) -> None:
        self._units = {f"{agency.code}/{unit.code}" for agency in register.agencies for unit in agency.units}
        self._desks = {f"{agency.code}/{desk.code}" for agency in register.agencies for desk in agency.desks}
        self._areas = {area.code for area in register.areas}

    def __call__(self, scenario: Scenario) -> Iterator[tuple[documents.Location, str, str]]:
        """Every fault with its location and fix."""
        earlier: dict[str, Filing] = {}
        for index, filing in enumerate(scenario.filings):
            here: documents.Location = ("filings", index)
            if filing.key in earlier:
                yield (*here, "key"), f"{filing.key} stands for two submissions", "rename one"
            yield from _unknown((*here, "by"), [filing.by], self._units, "unit")
            yield from _unknown((*here, "areas"), filing.areas, self._areas, "area")
            yield from _unknown((*here, "expect", "lead"), [filing.expect.lead or ""], self._desks | {""}, "desk")
            yield from _out_of_order(here, filing, earlier)
            earlier[filing.key] = filing
        for index, conduct in enumerate(scenario.desks):
            yield from _unknown(("desks", index, "desk"), [conduct.desk], self._desks, "desk")


def _unknown(
    location: documents.Location, names: Iterable[str], known: set[str], kind: str
) -> Iterator[tuple[documents.Location, str, str]]:
    for name in names:
        if name not in known:
            yield location, f"{kind} {name} is not in the register", "correct the name or add it to the register"


def _out_of_order(
    here: documents.Location, filing: Filing, earlier: dict[str, Filing]
) -> Iterator[tuple[documents.Location, str, str]]:
    for key in filing.waits_for():
        if key not in earlier or earlier[key].at > filing.at:
            yield here, f"{filing.key} follows {key}, which does not come before it", "put it after that submission"


def load_scenario(folder: Path, name: str, register: Register) -> Scenario:
    """The scenario of that name. Raises `documents.DocumentError` with every fault, `LookupError` for no such name."""
    path = folder / "scenarios" / f"{name}.yaml"
    if not path.is_file():
        raise LookupError(", ".join(scenario_names(folder)))
    return documents.load(path, Scenario, References(register))


def scenario_names(folder: Path) -> list[str]:
    """The scenarios there are."""
    return sorted(path.stem for path in (folder / "scenarios").glob("*.yaml"))


def plain(value: JsonValue) -> bytes:
    """JSON as a unit would send it."""
    return json.dumps(value, ensure_ascii=False).encode()

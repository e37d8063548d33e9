"""What one step of a script can be: a report, an act of a desk, or waiting for silence; and what it must bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.actions import Action
from contracts.codes import Role
from contracts.decisions import Addressee
from contracts.subjects import Origin


@dataclass(frozen=True, slots=True)
class Files:
    """A unit files a report about a forest fire."""

    unit: str
    """`agency/unit`."""
    area: str
    headline: str
    hectares: float
    corrects: str | None = None
    """The step whose report this one corrects."""


@dataclass(frozen=True, slots=True)
class Does:
    """A desk acts on the newest dispatch it holds in one role."""

    desk: str
    """`agency/desk`."""
    role: Role
    kind: type[Action]
    details: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Fields that take the id of an incident -> its letter in the script."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Nobody does anything until what the step brings has come."""


class Brought(NamedTuple):
    """A fact that a step must bring."""

    kind: str
    """Name of the event type; after a colon the role of a dispatch, or what a desk is told of."""
    incident: str
    desk: str | None = None
    """`agency/desk`; None for a fact about the incident as a whole."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a script."""

    key: str
    vi: str
    en: str
    incident: str
    """The letter of the incident it is about; a first report gives its incident the letter."""
    does: Files | Does | Waits
    brings: tuple[Brought, ...]
    leads: Mapping[str, str | None]
    """Who leads which incident after it; None: it is over."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """Who commands on scene in which incident after it, where the step changes that."""
    attends: str | None = None
    """The silent desk that answers from this step on."""


@dataclass(frozen=True, slots=True)
class Script:
    """One incident from its first report to its end."""

    code: str
    vi: str
    en: str
    silent: str
    """The desk whose software works and where nobody answers, until a step says otherwise."""
    steps: tuple[Step, ...]


def origin(party: str) -> Origin:
    """`agency/point` as the server would authenticate it."""
    return Origin(*party.split("/"))


def desk_of(party: str) -> Addressee:
    """`agency/desk` as facts name it."""
    agency, desk = party.split("/")
    return Addressee(agency=agency, desk=desk)


def party(desk: Addressee) -> str:
    """A desk as people write it."""
    return f"{desk.agency}/{desk.desk}"

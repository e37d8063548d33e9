"""The acts of an officer as forms: what each asks for, when it is offered, and what was typed as the fields of the act.

An offer is a courtesy: whether a desk may do what it asks is decided by the hub, by its own table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from contracts import actions
from contracts.actions import Action
from contracts.code_words import ANSWERS, DECLINES, DISPOSITIONS, MISROUTINGS, SCALES, SEVERITIES, Words, begun
from contracts.codes import Role, Severity
from contracts.decisions import Addressee
from contracts.text import Token
from services.desk.row import Row, RowState
from services.runtime.terminal import VIETNAM
from services.runtime.web.catalogues import translatable as _


class Ask(StrEnum):
    """How one field is asked for."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    DESK = "desk"
    """`AGENCY/DESK`, with those the desk is likely to mean offered."""
    TIME = "time"
    """On Việt Nam's clock."""
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    """Message id."""
    ask: Ask
    required: bool = True
    choices: tuple[tuple[str, Words], ...] = ()
    words: Words | None = None
    """Instead of the label, where the contracts name it."""


@dataclass(frozen=True, slots=True)
class Form:
    """One act."""

    name: str
    kind: type[Action]
    title: str
    """Message id of what the officer does, for buttons and headings."""
    fields: tuple[Field, ...] = ()
    hint: str = ""
    """Message id of what follows from it."""


class Unreadable(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """What was typed into one field is not what it asks for."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _choice(name: str, label: str, words: Mapping[str, Words]) -> Field:
    return Field(name, label, Ask.CHOICE, choices=tuple(words.items()))


def _level(scale: str, most: int) -> Field:
    levels = tuple((str(level), (str(level), str(level))) for level in range(1, most + 1))
    return Field(f"{_SCALES_OF}{scale}", "", Ask.CHOICE, required=False, choices=levels, words=begun(SCALES[scale]))


_NOTE: Final = Field("note", _("Note"), Ask.TEXT, required=False)
_REASON: Final = Field("reason", _("Reason"), Ask.TEXT)
_SUMMARY: Final = Field("summary", _("Summary"), Ask.TEXT)
_DESK_STAYS: Final = _("The duty stays here until the other desk accepts.")

_SCALES_OF: Final = "scales."
_LEVELS: Final = {"disaster_risk": 5, "civil_defence": 3, "forest_fire_danger": 5, "river_alert": 3}
"""How many levels each scale of `contracts.reports.Scales` has."""
_JUDGED: Final = {severity: words for severity, words in SEVERITIES.items() if severity is not Severity.UNKNOWN}

FORMS: Final[dict[str, Form]] = {
    form.name: form
    for form in (
        Form("acknowledge", actions.Acknowledge, _("Acknowledge"), (_NOTE,), _("We have it. Not yet that we take it.")),
        Form(
            "accept",
            actions.Accept,
            _("Accept"),
            (Field("part", _("Only this part"), Ask.TEXT, required=False), _NOTE),
            _("We take the duty."),
        ),
        Form(
            "defer",
            actions.Defer,
            _("Decide later"),
            (Field("until", _("Decide by"), Ask.TIME), _REASON),
        ),
        Form(
            "decline",
            actions.Decline,
            _("Decline and forward"),
            (
                _choice("reason", _("Reason"), DECLINES),
                Field("text", _("Explanation"), Ask.TEXT),
                Field("forward_to", _("Forward to (empty: the next of the chain)"), Ask.DESK, required=False),
            ),
            _DESK_STAYS,
        ),
        Form("transfer", actions.Transfer, _("Hand over"), (Field("to", _("To desk"), Ask.DESK), _REASON), _DESK_STAYS),
        Form("complete", actions.Complete, _("Completed"), (_SUMMARY,)),
        Form("comment", actions.Comment, _("Comment"), (Field("text", _("Text"), Ask.TEXT),)),
        Form(
            "misroute",
            actions.Misroute,
            _("Wrongly routed"),
            (_choice("finding", _("What is wrong"), MISROUTINGS), Field("text", _("Explanation"), Ask.TEXT)),
            _("An objection to the rule. The duty stands meanwhile."),
        ),
        Form(
            "answer",
            actions.AnswerMisroute,
            _("Answer the objection"),
            (_choice("answer", _("Answer"), ANSWERS), Field("text", _("Explanation"), Ask.TEXT)),
        ),
        Form(
            "level",
            actions.SetLevel,
            _("Change the level"),
            (
                _choice("severity", _("Severity"), _JUDGED),
                *(_level(scale, most) for scale, most in _LEVELS.items()),
                _REASON,
            ),
            _("Who is responsible is decided again."),
        ),
        Form(
            "command",
            actions.HandOverCommand,
            _("Command on scene"),
            (Field("taker", _("Post and body that commands"), Ask.LINE), Field("since", _("Since"), Ask.TIME)),
        ),
        Form(
            "merge",
            actions.Merge,
            _("Merge into another incident"),
            (Field("into", _("Incident that goes on"), Ask.INCIDENT), _REASON),
        ),
        Form(
            "split",
            actions.Split,
            _("Split off an incident"),
            (Field("released", _("Incident to split off"), Ask.INCIDENT), _REASON),
        ),
        Form(
            "close",
            actions.Close,
            _("Close the incident"),
            (_choice("disposition", _("How it ended"), DISPOSITIONS), _SUMMARY),
        ),
        Form("reopen", actions.Reopen, _("Reopen the incident"), (_REASON,)),
        Form("open", actions.Read, _("Opened")),
    )
}

_UNDECIDED: Final = frozenset(
    {
        RowState.ISSUED,
        RowState.DELIVERED,
        RowState.OPENED,
        RowState.REPEATED,
        RowState.ESCALATED,
        RowState.ACKNOWLEDGED,
        RowState.DEFERRED,
    }
)
_SCENE: Final = frozenset({Role.LEAD, Role.COMMAND, Role.DIRECT})
_COURSE: Final = frozenset({Role.LEAD, Role.DIRECT})


def offered(row: Row) -> tuple[Form, ...]:
    """What an officer may want to do with a dispatch as it stands, the nearest first."""
    return tuple(FORMS[name] for name in _offered(row))


def _offered(row: Row) -> list[str]:
    duty, role = row.issued.role is not Role.INFORM and not row.over, row.issued.role
    names = ["acknowledge"] if row.waits else []
    if row.issued.objects_to and not row.over:
        names.append("answer")
    if duty and row.state in _UNDECIDED:
        names += ["accept", "decline", "defer"]
    if duty and (row.state in _UNDECIDED or row.state is RowState.ACCEPTED):
        names += ["transfer", "complete"]
    names += ["comment", "misroute"]
    if role in _SCENE and not row.over:
        names += ["level", "command"]
    if role in _COURSE:
        names += ["merge", "split", "close"] if not row.over else ["reopen"]
    return names


def standing(form: Form, row: Row) -> dict[str, str]:
    """What a form begins with, so that only what changes has to be touched."""
    if form.kind is not actions.SetLevel:
        return {}
    levels = {f"{_SCALES_OF}{scale}": str(level) for scale, level in row.scales if level is not None}
    return {"severity": row.severity.value} | levels


def details(form: Form, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as the fields of the act; empty fields are left out. Raises `Unreadable`.

    Levels go together: where the form asked for them, the scale left empty has no level any longer.
    """
    found: dict[str, Any] = {}
    for field in form.fields:
        text = typed.get(field.name, "").strip()
        if field.name.startswith(_SCALES_OF):
            if field.name in typed:
                scales = found.setdefault("scales", {})
                scales |= {field.name.removeprefix(_SCALES_OF): int(str(_read(field, text)))} if text else {}
        elif text:
            found[field.name] = _read(field, text)
        elif field.required:
            raise Unreadable(field.name)
    if "version" in form.kind.model_fields and (version := typed.get("version", "")).isdigit():
        found["version"] = int(version)
    return found


def _read(field: Field, text: str) -> object:
    try:
        match field.ask:
            case Ask.TEXT | Ask.LINE:
                return text.replace("\r\n", "\n")
            case Ask.CHOICE:
                return {str(value): value for value, _ in field.choices}[text]
            case Ask.DESK:
                agency, desk = TypeAdapter(tuple[Token, Token]).validate_python(tuple(text.split("/")))
                return Addressee(agency=agency, desk=desk)
            case Ask.TIME:
                at = datetime.fromisoformat(text)
                return at if at.tzinfo else at.replace(tzinfo=VIETNAM)
            case Ask.INCIDENT:
                return UUID(text)
    except (ValueError, KeyError) as error:
        raise Unreadable(field.name) from error

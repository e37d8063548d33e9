"""Every member of a closed list, and every fact, has a word in both languages; no list has half of them."""

import importlib
import pkgutil
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest

import contracts
from contracts import (
    code_words,
    event_words,
)
from contracts.code_words import LISTS, Words, begun, said, shouted
from contracts.course import IncidentRedecided
from contracts.envelope import CURRENT
from contracts.event_words import CAUSES, EVENTS, cause_called, event_called
from contracts.ladders import LadderLine
from contracts.lifecycle import DispatchDiverted, DispatchWithdrawn, ObligationExcused
from contracts.reporting import PeriodReportExcused

UNTOLD = {
    "contracts.codes.MsgType": "a correction and a withdrawal are told as what they are",
    "contracts.codes.Scope": "never shown; handling is marked by the area's and the desk's own rules",
    "contracts.codes.CapCategory": "for other people's CAP programs",
    "contracts.codes.ResponseType": "for other people's CAP programs",
    "contracts.codes.Urgency": "for other people's CAP programs; people read the mark of urgency",
    "contracts.codes.Certainty": "for other people's CAP programs",
    "contracts.codes.Handling": "never shown",
    "contracts.codes.SourceFormat": "named as it spells itself",
    "contracts.register.AreaKind": "areas are shown by their names",
    "contracts.presence.PresenceChange": "an event has a name of its own for it",
    "contracts.access.AccessChange": "an event has a name of its own for it",
    "contracts.activation.TextKind": "the event's name covers both",
    "contracts.identity.IdentityKind": "the operator types it",
    "contracts.identity.IdentityChange": "the operator types it",
    "contracts.personal.PersonalKind": "the custodian types it",
    "contracts.attachments.MediaType": "named as it spells itself",
    "contracts.receipts.Outcome": "each outbox says it with what follows",
    "contracts.retrying.RetryOutcome": "the operators' command and page say it with the reason",
    "contracts.signatures.Over": "never shown",
    "contracts.streams.DeskRecord": "never shown",
    "contracts.problem_codes.ProblemCode": "problem_wordings has its words",
}
"""The lists that no page and no command says in words, each with the reason."""

COLLECTED = {"LISTS", "CATEGORIES"}
"""No tables of these modules' own."""


def tables(module: object) -> dict[str, Mapping[str, Words]]:
    return {
        name: table for name, table in vars(module).items() if name.isupper() and name not in {"LISTS", "CATEGORIES"}
    }


def closed_lists() -> Iterator[type[StrEnum]]:
    for found in pkgutil.iter_modules(contracts.__path__):
        module = importlib.import_module(f"contracts.{found.name}")
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, StrEnum) and item.__module__ == module.__name__:
                yield item


@pytest.mark.parametrize("kind", list(closed_lists()), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_a_closed_list_has_a_word_for_every_member_or_a_reason_for_none(kind: type[StrEnum]) -> None:
    """Breaks when a member is added that some page would show as a code, or a list is added that nobody named."""
    every = [*tables(code_words).values(), LISTS["category"]]
    held = [{key for key in table if type(key) is kind} for table in every]
    assert all(not found or found == set(kind) for found in held)
    assert any(held) is (f"{kind.__module__}.{kind.__name__}" not in UNTOLD)


def test_every_fact_has_a_name() -> None:
    """Breaks when an event is added that a timeline would show as a type."""
    assert EVENTS.keys() == CURRENT.keys()


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (IncidentRedecided, "because"),
        (DispatchWithdrawn, "reason"),
        (DispatchDiverted, "reason"),
        (ObligationExcused, "reason"),
        (PeriodReportExcused, "reason"),
    ],
)
def test_every_reason_of_the_hub_has_words(model: type[Any], field: str) -> None:
    assert set(get_args(get_type_hints(model)[field])) <= CAUSES.keys()


def test_every_silence_has_words() -> None:
    literal, _ = get_args(get_type_hints(LadderLine)["silence"])
    assert set(get_args(literal)) == code_words.SILENCE.keys()


@pytest.mark.parametrize("module", [code_words, event_words], ids=lambda module: module.__name__)
def test_words_are_there_in_both_languages_composed_and_without_a_code(module: object) -> None:
    for name, table in tables(module).items():
        for code, (vi, en) in table.items():
            for word in (vi, en):
                assert word == word.strip() != "", (name, code)
                assert unicodedata.is_normalized("NFC", word), (name, code)
                assert "_" not in word, (name, code)


@pytest.mark.parametrize("name", sorted(tables(code_words).keys() - {"DOES"}))
def test_two_members_of_a_list_never_read_alike(name: str) -> None:
    """Breaks when somebody could choose, or read, one member for another."""
    words = list(tables(code_words)[name].values())
    for language in (0, 1):
        assert len({word[language] for word in words}) == len(words)


def test_what_has_no_word_yet_is_shown_as_it_is() -> None:
    assert said("role", "lead") == ("chủ trì", "lead")
    assert said("role", "new") == ("new", "new")
    assert event_called("phoihop.LeadTransferred.v1") == event_called("LeadTransferred")
    assert event_called("phoihop.New.v1") == ("phoihop.New.v1", "phoihop.New.v1")
    assert cause_called("new") == ("new", "new")


def test_a_word_that_stands_alone_begins_with_a_capital_and_only_there() -> None:
    assert begun(("đã nhận tin, theo GPS", "heard by GPS")) == ("Đã nhận tin, theo GPS", "Heard by GPS")
    assert shouted(("chủ trì", "lead")) == ("CHỦ TRÌ", "LEAD")

"""Subjects carry identity that cannot escape its place; every pattern published or subscribed fits what is built."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts import subjects
from contracts.codes import Space
from contracts.subject_words import PATTERNS, READABLE, TOKENS
from contracts.subjects import Origin
from contracts.text import Token
from tests.strategies import tokens

TOKEN: TypeAdapter[str] = TypeAdapter(Token)
HOSTILE = st.text(st.sampled_from(".*> \t\r\n\x00$/\\AZaz09-_đ\u202e"), min_size=1, max_size=8)
spaces = st.sampled_from(Space)
origins = st.builds(Origin, agency=tokens, point=tokens)


def matches(subject_filter: str, subject: str) -> bool:
    """Whether NATS would deliver the subject to the filter."""
    wanted, held = subject_filter.split("."), subject.split(".")
    if wanted[-1] == ">":
        fits, wanted = len(held) >= len(wanted), wanted[:-1]
    else:
        fits = len(held) == len(wanted)
    return fits and all(one in {"*", other} for one, other in zip(wanted, held, strict=False))


@given(HOSTILE)
def test_no_token_can_leave_its_place_in_a_subject(text: str) -> None:
    """A dot, a wildcard or a blank in a name would let one unit write under another's subject or read everything."""
    try:
        token = TOKEN.validate_python(text)
    except ValidationError:
        assert not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", text)
        return
    assert len(subjects.report_inbox(token, token).split(".")) == 4
    assert not set(subjects.report_inbox(token, token)) & set("*> \t\r\n\x00$")


@given(spaces, origins, st.uuids(), st.uuids())
def test_every_fact_is_caught_by_its_filters_and_by_its_own_space_only(
    space: Space, origin: Origin, one: UUID, other: UUID
) -> None:
    facts = {
        subjects.report(space, origin, one): [subjects.ALL_REPORTS],
        subjects.course(space, one): [subjects.ALL_INCIDENTS, subjects.incident(space, one)],
        subjects.dispatch(space, one, *origin): [
            subjects.ALL_DISPATCHES,
            subjects.incident(space, one),
            subjects.desk_feed(space, *origin),
        ],
        subjects.owed(space, origin.agency): [subjects.ALL_OWED, subjects.ALL_REPORTING],
        subjects.papers(space, *origin): [subjects.ALL_REPORTING],
        subjects.regime(space, origin.agency): [subjects.ALL_REPORTING],
        subjects.refused_action(space, origin, other): [],
        subjects.erasure(space, one): [],
    }
    assert matches(subjects.ALL_REGULATIONS, subjects.regulation(origin.agency))
    for subject, filters in facts.items():
        assert all(matches(one_filter, subject) for one_filter in [*filters, subjects.facts(space)])
        assert [matches(subjects.facts(elsewhere), subject) for elsewhere in Space].count(True) == 1
        assert subjects.space_of_fact(subject) is space


@given(spaces, origins, origins, st.uuids())
def test_a_desks_feed_holds_nothing_of_another_desk_or_another_space(
    space: Space, mine: Origin, theirs: Origin, incident: UUID
) -> None:
    """What would break it: a wildcard where the agency, the desk or the space must stand."""
    feed = subjects.desk_feed(space, *mine)

    assert matches(feed, subjects.dispatch(space, incident, *theirs)) is (mine == theirs)
    assert not matches(feed, subjects.course(space, incident))
    for elsewhere in set(Space) - {space}:
        assert not matches(feed, subjects.dispatch(elsewhere, incident, *mine))


@given(spaces, origins, origins)
def test_the_papers_of_a_desk_reach_no_other_desk(space: Space, mine: Origin, theirs: Origin) -> None:
    """What would break it: the vertical copy of a report read on the horizontal channel."""
    papers = subjects.papers(space, *theirs)

    assert matches(subjects.papers(space, *mine), papers) is (mine == theirs)
    assert not matches(subjects.ALL_OWED, papers)
    assert not matches(subjects.papers(space, *mine), subjects.owed(space, theirs.agency))


@given(origins)
def test_the_sender_is_read_back_from_the_inbox_it_may_write(origin: Origin) -> None:
    assert subjects.origin_of(subjects.report_inbox(*origin)) == origin
    assert subjects.origin_of(subjects.action_inbox(*origin)) == origin
    assert matches(subjects.REPORT_INBOX, subjects.report_inbox(*origin))
    assert subjects.origin_of(subjects.reporting_inbox(*origin)) == origin
    assert matches(subjects.ACTION_INBOX, subjects.action_inbox(*origin))
    assert matches(subjects.REPORTING_INBOX, subjects.reporting_inbox(*origin))


@given(spaces, origins, origins)
def test_a_desk_shows_life_and_speaks_of_itself_under_its_own_name_only(
    space: Space, mine: Origin, theirs: Origin
) -> None:
    """What would break it: one desk declared unstaffed, or kept alive, in the name of another."""
    assert subjects.heart_of(subjects.heartbeat(space, *mine)) == (space, *mine)
    assert subjects.origin_of(subjects.desk_inbox(*mine)) == mine
    assert matches(subjects.ALL_HEARTBEATS, subjects.heartbeat(space, *mine))
    assert matches(subjects.DESK_INBOX, subjects.desk_inbox(*mine))
    assert matches(subjects.ALL_DESKS, subjects.presence(space, *mine))
    assert (subjects.heartbeat(space, *mine) == subjects.heartbeat(space, *theirs)) is (mine == theirs)
    assert not any(matches(subjects.facts(each), subjects.heartbeat(space, *mine)) for each in Space)


@given(spaces, st.uuids(), st.uuids())
def test_a_due_message_says_which_obligation_of_which_incident_it_means(
    space: Space, incident: UUID, obligation: UUID
) -> None:
    due = subjects.due(space, incident, obligation)

    assert subjects.due_of(due) == (space, incident, obligation)
    assert matches(subjects.ALL_DUE, due)
    assert not matches(subjects.ALL_SCHEDULES, due)
    assert matches(subjects.ALL_SCHEDULES, subjects.schedule(space, incident, obligation))


@given(spaces, tokens, st.uuids())
def test_a_due_message_says_which_report_of_which_agency_it_means(space: Space, agency: str, obligation: UUID) -> None:
    due = subjects.report_due(space, agency, obligation)

    assert subjects.report_due_of(due) == (space, agency, obligation)
    assert matches(subjects.ALL_REPORTS_DUE, due)
    assert not matches(subjects.ALL_DUE, due)
    assert matches(subjects.ALL_SCHEDULES, subjects.report_schedule(space, agency, obligation))


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        (PATTERNS.report, subjects.report(Space.ACTUAL, Origin("a", "u"), UUID(int=1))),
        (PATTERNS.course, subjects.course(Space.TEST, UUID(int=1))),
        (PATTERNS.dispatch, subjects.dispatch(Space.EXERCISE, UUID(int=1), "a", "d")),
        (PATTERNS.refused_action, subjects.refused_action(Space.ACTUAL, Origin("a", "d"), UUID(int=1))),
        (PATTERNS.receipt, subjects.receipts("a", "u")),
        (PATTERNS.owed, subjects.owed(Space.ACTUAL, "a")),
        (PATTERNS.regime, subjects.regime(Space.ACTUAL, "46")),
        (PATTERNS.papers, subjects.papers(Space.ACTUAL, "a", "d")),
        (PATTERNS.reading, subjects.reading(UUID(int=1))),
        (PATTERNS.regulation, subjects.regulation("s")),
        (PATTERNS.register, subjects.REGISTER),
        (PATTERNS.sealed, subjects.sealed(Space.ACTUAL, Origin("a", "u"), UUID(int=1))),
        (PATTERNS.erasure, subjects.erasure(Space.ACTUAL, UUID(int=1))),
    ],
)
def test_a_published_pattern_is_the_subject_with_names_for_identities(pattern: str, subject: str) -> None:
    readable = [re.escape(part) if "{" not in part else r"[^.]+" for part in pattern.split(".")]

    assert re.fullmatch(r"\.".join(readable), subject)
    assert set(re.findall(r"\{(\w+)\}", pattern)) <= set(TOKENS)


def test_every_readable_pattern_fits_its_filter_and_explains_its_names() -> None:
    for subject_filter, pattern in READABLE.items():
        assert matches(subject_filter, re.sub(r"\{\w+\}", "x", pattern).replace(">", "x"))
        assert set(re.findall(r"\{(\w+)\}", pattern)) <= set(TOKENS)


def test_no_subject_carries_a_verb() -> None:
    """Memory is paid per distinct subject; the type of an event stands in its envelope and in a header."""
    words = {part for pattern in PATTERNS for part in pattern.split(".") if "{" not in part}

    identified = {"reporting", "desk", "regime", "report", "incident", "course", "dispatch", "action", "receipt"}
    identified |= {"ladder", "exercise", "drill", "attachment"}
    assert words == identified | {"actual", "reading", "regulation", "register", "sealed", "personal"}

"""Who is enrolled after a change, and what the hub is told of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.identity import IdentityChange, desk, role, unit
from services.runtime.register.loading import load_register
from services.stack.identity.membership import (
    Book,
    EnrolledAlreadyError,
    NewKey,
    NotEnrolledError,
    UnknownPartyError,
    created,
    known,
    revoked,
    rotated,
)

AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
WHO = desk("ubnd-x-thuan-an", "truc-ban")
FIRST, SECOND = NewKey(f"U{'A' * 55}"), NewKey(f"U{'B' * 55}")
REGISTER = Path(__file__).parents[3] / "deploy" / "reference" / "register.yaml"


def test_each_change_is_kept_until_it_is_on_record() -> None:
    book = created(Book(), WHO, FIRST, AT, "admin")
    book = rotated(book, WHO, SECOND, AT, "admin")
    book = revoked(book, WHO, AT, "admin", "lost")

    assert book.member(WHO) is None
    assert [(one.change, one.key, one.previous) for one in book.unrecorded] == [
        (IdentityChange.CREATED, FIRST.public, None),
        (IdentityChange.ROTATED, SECOND.public, FIRST.public),
        (IdentityChange.REVOKED, None, SECOND.public),
    ]
    assert book.recorded(book.unrecorded[:2]).unrecorded == book.unrecorded[2:]


def test_who_has_a_key_gets_no_second_one_and_who_has_none_loses_none() -> None:
    """Two keys under one name could not be told apart when one is stolen."""
    book = created(Book(), WHO, FIRST, AT, "admin")
    with pytest.raises(EnrolledAlreadyError):
        created(book, WHO, SECOND, AT, "admin")
    with pytest.raises(NotEnrolledError):
        rotated(Book(), WHO, FIRST, AT, "admin")
    with pytest.raises(NotEnrolledError):
        revoked(Book(), WHO, AT, "admin")


def test_only_whom_register_or_hub_knows_can_be_enrolled() -> None:
    """A mistyped name would be somebody nobody answers for."""
    register = load_register(REGISTER)
    known(register, WHO)
    known(register, unit("kl-h-yen-the", "tram-xuan-luong"))
    known(register, role("auditor"))
    for nobody in (desk("ubnd-x-thuan-an", "x"), unit("x", "x"), role("root"), unit("ubnd-x-thuan-an", "truc-ban")):
        with pytest.raises(UnknownPartyError):
            known(register, nobody)


def test_whose_time_is_over_is_found_at_that_time_and_not_before() -> None:
    """A key lent for an operation would go on admitting somebody for years."""
    book = created(Book(), WHO, NewKey(FIRST.public, until=AT + timedelta(days=1)), AT, "admin")
    book = created(book, role("auditor"), SECOND, AT, "admin")

    assert book.ended(AT + timedelta(hours=23)) == ()
    assert book.ended(AT + timedelta(days=1)) == (WHO,)
    assert [change.until for change in book.unrecorded] == [AT + timedelta(days=1), None]


def test_what_ends_first_is_told_first_be_it_the_key_or_its_certificate() -> None:
    book = created(Book(), WHO, NewKey(FIRST.public, None, AT + timedelta(days=20)), AT, "admin")
    book = created(book, role("auditor"), NewKey(SECOND.public, AT + timedelta(days=9), None), AT, "admin")

    assert [one.identity for one in book.ending(AT + timedelta(days=30))] == [role("auditor"), WHO]
    assert [one.identity for one in book.ending(AT + timedelta(days=10))] == [role("auditor")]
    renewed = book.certified(WHO, AT + timedelta(days=397))
    assert [one.identity for one in renewed.ending(AT + timedelta(days=30))] == [role("auditor")]

"""Who is enrolled after a change, and what the hub is told of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.identity import IdentityChange, desk, role, unit
from services.runtime.register.loading import load_register
from services.stack.identity.membership import (
    Book,
    EnrolledAlreadyError,
    NotEnrolledError,
    UnknownPartyError,
    created,
    known,
    revoked,
    rotated,
)

AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
WHO = desk("ubnd-x-thuan-an", "truc-ban")
FIRST, SECOND = f"U{'A' * 55}", f"U{'B' * 55}"
REGISTER = Path(__file__).parents[3] / "deploy" / "reference" / "register.yaml"


def test_each_change_is_kept_until_it_is_on_record() -> None:
    book = created(Book(), WHO, FIRST, AT, "admin")
    book = rotated(book, WHO, SECOND, AT, "admin")
    book = revoked(book, WHO, AT, "admin", "lost")

    assert book.member(WHO) is None
    assert [(one.change, one.key, one.previous) for one in book.unrecorded] == [
        (IdentityChange.CREATED, FIRST, None),
        (IdentityChange.ROTATED, SECOND, FIRST),
        (IdentityChange.REVOKED, None, SECOND),
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

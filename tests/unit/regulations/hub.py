"""A hub's record of regulation sets for tests: written step by step, asked who decides when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.activation import (
    ActivationData,
    Approver,
    CasesHeld,
    RefusalReason,
    RegulationActivationRefused,
    TextKind,
)
from contracts.canonical import sha256_hex
from services.routing.regulations.record.activation import Book, Stored, after
from services.routing.regulations.record.steps import (
    Attempt,
    Proof,
    approve,
    event_of,
    install,
    propose,
)
from services.routing.regulations.rules.texts import Text, TextKey

DAY: Final = timedelta(days=1)
START: Final = datetime(2026, 11, 1, tzinfo=UTC)
LEGAL: Final = Approver(role="phap-che", agency="tinh")
CHIEF: Final = Approver(role="chi-huy-truong", agency="tinh")
HELD: Final = CasesHeld(cases=3, sha256="0" * 64)
PROVED: Final = Proof("r-1", HELD)


def text(version: str, content: str = "", code: str = "set") -> Text:
    body = (content or version).encode()
    return Text(TextKey(TextKind.REGULATIONS, code, version), sha256_hex(body), body)


REGISTER: Final = Text(TextKey(TextKind.REGISTER, "register", "r-1"), sha256_hex(b"r-1"), b"r-1")


class Hub:
    """A record that is written step by step, one fact a second."""

    def __init__(self) -> None:
        self.book = Book()
        self.sequence = 0
        self.add(install(self.book, REGISTER, text("1"), START).facts, START)

    def add(self, steps: Iterable[ActivationData], at: datetime, by: Approver | None = None) -> None:
        """Facts as they stand under the name of whoever the server let record them."""
        for step in steps:
            self.sequence += 1
            self.book = after(self.book, step, Stored(event_of(step, at, by).subject, self.sequence, at))

    def take(
        self, outcome: tuple[ActivationData, ...] | RegulationActivationRefused, at: datetime, by: Approver
    ) -> None:
        assert not isinstance(outcome, RegulationActivationRefused), outcome
        self.add(outcome, at, by)

    def proposed(self, given: Text, at: datetime, effective: datetime | None = None) -> UUID:
        proposal = UUID(int=self.sequence)
        self.take(propose(self.book, given, PROVED, attempt(LEGAL, at), (proposal, effective)), at, LEGAL)
        return proposal

    def approved(self, given: Text, at: datetime, effective: datetime | None = None) -> UUID:
        proposal = self.proposed(given, at, effective)
        self.take(
            approve(self.book, self.book.proposals[proposal], PROVED, attempt(CHIEF, at), given.sha256), at, CHIEF
        )
        return proposal

    def version_at(self, at: datetime) -> str:
        switch = self.book.in_force(at)
        assert switch is not None
        return switch.activated.version


def attempt(by: Approver, at: datetime) -> Attempt:
    return Attempt(by, at, {"tinh"})


def reasons(outcome: object) -> set[RefusalReason]:
    assert isinstance(outcome, RegulationActivationRefused), outcome
    return set(outcome.reasons)

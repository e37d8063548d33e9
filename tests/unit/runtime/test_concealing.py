"""A message that may name people leaves no trace of what it says: not in its parked copy, nor in the log."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from contracts.streams import INTAKE
from services.runtime.failures import REASON, FailurePolicy, RetryLaterError
from services.runtime.logs import Format, configure, logger

NAME = "Nguyễn Văn A 0905 123 456"


class Poison:
    """One delivered message that no handler can digest."""

    subject = "inbox.report.a.u"
    data = NAME.encode()
    metadata = SimpleNamespace(sequence=SimpleNamespace(stream=7))

    async def ack(self) -> None:
        """Taken."""


class Parking:
    """Remembers what was parked."""

    def __init__(self) -> None:
        self.parked: list[tuple[Mapping[str, str], bytes]] = []

    async def park(self, _stream: str, _consumer: str, original: Mapping[str, str], body: bytes) -> None:
        """Keeps it."""
        self.parked.append((original, body))


@pytest.fixture(autouse=True)
def _fresh_logging() -> object:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


async def _fails(messages: Sequence[Any]) -> None:
    raise ValueError(f"cannot read {messages[0].data.decode()}")


@pytest.mark.parametrize("form", ["json", "console"])
async def test_poison_that_may_name_people_is_parked_sealed_and_its_words_stay_out_of_reason_and_log(
    capsys: pytest.CaptureFixture[str], form: Format
) -> None:
    """Breaks if an error that quotes its input, or a traceback, carried a name into PARKED or a log file."""
    configure("intake", form)
    parking = Parking()
    policy = FailurePolicy(INTAKE, _fails, lambda: parking, lambda body: b"sealed " + body[:0])  # type: ignore[arg-type,return-value]

    await policy.handle([Poison()])  # type: ignore[list-item]

    ((original, body),) = parking.parked
    assert (original[REASON], body) == ("ValueError in _fails", b"sealed ")
    said = capsys.readouterr().err
    assert "parked" in said
    assert "0905" not in said


async def test_poison_waits_while_its_copy_cannot_be_sealed() -> None:
    """Breaks if a missing vault key made it be dropped, or kept in clear."""
    parking, tries = Parking(), iter([RetryLaterError("no key yet"), RetryLaterError("no key yet"), None])

    def seal(_body: bytes) -> bytes:
        if (away := next(tries)) is not None:
            raise away
        return b"sealed"

    await FailurePolicy(INTAKE, _fails, lambda: parking, seal).handle([Poison()])  # type: ignore[arg-type,list-item,return-value]

    assert [body for _, body in parking.parked] == [b"sealed"]


def test_a_traceback_in_the_log_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Breaks with the renderer's default, which writes every variable of every frame: whole submissions."""
    configure("intake")

    def read(body: str) -> None:
        raise ValueError(str(len(body)))

    try:
        read(NAME)
    except ValueError as error:
        logger().error("parked", exc_info=error)

    said = capsys.readouterr().err
    assert '"exception"' in said
    assert "0905" not in said

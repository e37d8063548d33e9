"""What the bus refused is counted by kind, and nothing that a client says of itself is taken for the server's word."""

from pathlib import Path

import pytest

from services.stack.refusals import Denial, _count, denial_in, refused, tally

_HEAD = "[7] 2026/11/22 14:54:50.005806 [ERR] 127.0.0.1:55110 - cid:84 - "
_WHO = '"v2.16.0:python3" - "FIELD/nkey:UBRT" - '


@pytest.mark.parametrize(
    ("said", "denial"),
    [
        (f'{_WHO}Publish Violation - Subject "inbox.report.beta.u2"', Denial.PUBLISH),
        (f'{_WHO}Publish Violation - Reply "$JS.ACK.x"', Denial.PUBLISH),
        (f'{_WHO}Subscription Violation - Subject ">", SID 1', Denial.SUBSCRIBE),
        ("authentication error", Denial.AUTHENTICATION),
        (f"{_WHO}User Authentication Expired", Denial.EXPIRY),
        ("TLS handshake error: tls: client didn't provide a certificate", Denial.ENCRYPTION),
        (f"{_WHO}maximum subscriptions exceeded", Denial.LIMIT),
        ("maximum account active connections exceeded", Denial.LIMIT),
    ],
)
def test_each_refusal_of_the_server_is_counted_under_its_kind(said: str, denial: Denial) -> None:
    assert denial_in(f"{_HEAD}{said}") is denial


@pytest.mark.parametrize(
    "line",
    [
        "[7] 2026/11/22 14:54:50.005806 [INF] Server is ready",
        "[7] 2026/11/22 14:54:50.005806 [INF] authentication error",
        f'{_HEAD}"authentication error" - "FIELD/nkey:UBRT" - Slow Consumer Detected',
        "a line broken off [ERR] x - authentication error",
        "",
    ],
)
def test_nothing_else_is_counted(line: str) -> None:
    """A client that calls itself `authentication error` would make alarms ring for an attack that is none."""
    assert denial_in(line) is None


def test_a_log_is_counted_on_from_where_the_last_look_ended_and_anew_when_it_was_replaced(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    assert refused(log) == {}
    log.write_text(f"{_HEAD}authentication error\n{_HEAD}authentication er")

    first = _count(log, 0)
    assert _count(log, first) == first
    with log.open("a") as more:
        more.write("ror\n")
    assert _count(log, first) == log.stat().st_size
    assert refused(log) == {"authentication": 2}
    log.write_text("")
    assert _count(log, first) == 0


def test_what_was_never_refused_is_not_shown() -> None:
    assert tally([f"{_HEAD}authentication error"]) == {"authentication": 1}

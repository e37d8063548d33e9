"""The ports that servers of our own get."""

from pathlib import Path

import pytest

from services.runtime.embedded import ports


def test_no_connection_can_borrow_the_port_of_a_server_that_is_being_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks if a port comes from those that the system lends to outgoing connections."""
    lent = tmp_path / "range"
    lent.write_text(f"{ports.FIRST}\t{ports.LAST - 3}\n")
    monkeypatch.setattr(ports, "LENT", lent)
    monkeypatch.setattr(ports, "ATTEMPTS", 1_000_000)
    monkeypatch.setattr(ports, "_bound", lambda port: port)

    assert {ports.free_port() for _ in range(20)} <= {ports.LAST - 2, ports.LAST - 1, ports.LAST}


def test_where_the_range_cannot_be_read_or_everything_is_taken_the_system_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "LENT", tmp_path / "absent")
    monkeypatch.setattr(ports, "_bound", lambda port: 0 if port else 40_000)

    assert ports.free_port() == 40_000

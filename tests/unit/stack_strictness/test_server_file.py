"""nats-server's configuration is read as the server reads it, and never half."""

from pathlib import Path

import pytest

from services.stack.strictness.server_file import UnreadableConfigurationError, Value, named, read


def _read(folder: Path, text: str) -> dict[str, Value]:
    (folder / "nats.conf").write_text(text, encoding="utf-8")
    return read(folder / "nats.conf")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", 1), ("a = 1", 1), ("a 1", 1), ("a:256KB", 256 * 1024), ("a: 1k", 1000), ("a: 2MiB", 2 * 1024**2),
        ("a: true", True), ("a: off", False), ("a: always", "always"), ("a: '#1'", "#1"), ('a: "b\\"c"', 'b"c'),
        ("a: 127.0.0.1:4222 # here", "127.0.0.1:4222"), ("a: -1", -1), ('"a": b', "b"), ("a: [1, 2\n 3]", [1, 2, 3]),
        ("a { b: c; d: e }", {"b": "c", "d": "e"}), ("a: { b { c: [] } }", {"b": {"c": []}}), ("a: x\na: y", "y"),
        ("// a: z\na: y", "y"), ("a: nats://h:1", "nats://h:1"), ("a: 10s", "10s"),
    ],
)  # fmt: skip
def test_each_way_to_write_a_setting_is_understood(tmp_path: Path, text: str, value: Value) -> None:
    assert _read(tmp_path, text) == {"a": value}


def test_an_included_file_counts_as_if_it_stood_there(tmp_path: Path) -> None:
    """Breaks if what lets people in can hide in a second file."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "accounts.conf").write_text("no_auth_user: guest\n")

    assert _read(tmp_path, "port: 1\ninclude more/accounts.conf\n") == {"port": 1, "no_auth_user": "guest"}


def test_the_case_of_a_setting_does_not_matter(tmp_path: Path) -> None:
    assert named(_read(tmp_path, "No_Auth_User: guest"), "no_auth_user") == "guest"


@pytest.mark.parametrize(
    "text",
    ["a: $VALUE", "a {", "a: [1", "a: }", "a:", "include absent.conf", "include nats.conf", "a: (block)", '{"a": 1}'],
)
def test_what_cannot_be_read_for_certain_is_refused(tmp_path: Path, text: str) -> None:
    """Breaks if half a configuration were judged and found strict."""
    with pytest.raises(UnreadableConfigurationError, match=r"\.conf"):
        _read(tmp_path, text)

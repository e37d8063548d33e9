"""A database's password reaches our processes by a file, never by their environment."""

from pathlib import Path
from urllib.parse import quote

import pytest

from services.stack.passfile import by_file
from services.stack.strictness.places import told_secrets


@pytest.mark.parametrize(
    ("password", "line"),
    [("geheim", "*:*:*:*:geheim\n"), ("ba:mươi", "*:*:*:*:ba\\:mươi\n"), ("a\\b@/c", "*:*:*:*:a\\\\b@/c\n")],
)
def test_the_password_is_in_the_file_for_its_owner_and_no_more_in_the_address(
    tmp_path: Path, password: str, line: str
) -> None:
    """Breaks if `ps e`, a child or a crash report could show it again."""
    told = by_file(
        f"postgresql://writer:{quote(password, safe='')}@127.0.0.1:5432/phoihop", file := tmp_path / "pgpass"
    )

    assert told == f"postgresql://writer@127.0.0.1:5432/phoihop?passfile={file}"
    assert file.read_text() == line
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(told_secrets({"PHOIHOP_POSTGRES_DSN": told}))


def test_what_the_address_said_beside_stays(tmp_path: Path) -> None:
    told = by_file("postgresql://writer:geheim@db/phoihop?sslmode=verify-full", tmp_path / "pgpass")

    assert told == f"postgresql://writer@db/phoihop?sslmode=verify-full&passfile={tmp_path / 'pgpass'}"


@pytest.mark.parametrize("dsn", ["", "postgresql://writer@db/phoihop", "postgresql://w@db/p?passfile=/run/pgpass"])
def test_an_address_without_a_password_is_left_as_it_is(tmp_path: Path, dsn: str) -> None:
    assert by_file(dsn, tmp_path / "pgpass") == dsn
    assert not (tmp_path / "pgpass").exists()

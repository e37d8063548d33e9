"""Keys and certificates that end: told before, refused after, made anew by one command."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.identity import AUDITOR, OPERATOR, Identity, unit
from services.runtime.clock import now
from services.runtime.credentials import credentials, read_seed
from services.runtime.secret_files import replace
from services.stack.identity.certificates import PARTY_DAYS, ends
from services.stack.identity.cli import commands
from services.stack.identity.enrolment import hub
from services.stack.identity.keeping import Keeping
from services.stack.strictness.endings import endings

OTHER = unit("alpha", "u1")


@pytest.fixture(autouse=True)
def _clean_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOIHOP_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    """A hub whose identities were just made."""
    made = Keeping(tmp_path)
    made.complete(hub())
    return made


def _typed(home: Path, *words: str) -> Any:
    result = CliRunner().invoke(commands, [*words, "--home", str(home), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _ending(home: Path, days: int) -> set[str]:
    return {breach.where.partition(":")[0] for breach in endings(home, now() + timedelta(days=days))}


def test_nothing_ends_within_a_year_after_a_first_start_and_certificates_do_after_it(keeping: Keeping) -> None:
    assert _ending(keeping.home, 390) == set()
    assert _ending(keeping.home, 400) >= {"nats-server", OPERATOR.name}
    assert "authority 1" in _ending(keeping.home, 4000)


def test_a_key_with_an_end_is_told_before_and_revoked_after_it(keeping: Keeping) -> None:
    """A key lent for an operation would be forgotten, and go on admitting somebody."""
    keeping.rotate(AUDITOR, now() + timedelta(days=7))
    assert _ending(keeping.home, 30) == {AUDITOR.name}
    assert _typed(keeping.home, "expire") == {"revoked": []}

    keeping.rotate(AUDITOR, now() - timedelta(seconds=1))
    assert _typed(keeping.home, "expire") == {"revoked": [AUDITOR.name]}
    assert keeping.book().member(AUDITOR) is None
    assert AUDITOR.name not in keeping.accounts.read_text()
    assert not keeping.seed_file(AUDITOR).exists()


def test_days_typed_are_the_end_of_the_key_and_of_its_certificate(keeping: Keeping) -> None:
    _typed(keeping.home, "rotate", "role", "auditor", "--days", "9")

    member = keeping.book().member(AUDITOR)
    assert member is not None
    assert member.until is not None
    assert member.certified_until is not None
    assert abs(member.until - now() - timedelta(days=9)) < timedelta(minutes=1)
    assert abs(member.until - member.certified_until) < timedelta(seconds=2)


def test_renewing_names_the_server_and_a_new_authority_leaves_every_kept_file_usable(keeping: Keeping) -> None:
    before = ends(keeping.encryption.server.read_text())
    _typed(keeping.home, "renew", "--name", "hub.example", "--authority")

    assert "authority 2" in keeping.encryption.endings()
    assert ends(keeping.encryption.server.read_text()) >= before
    assert credentials(keeping.seed_file(OPERATOR)).options["tls"] is not None
    _typed(keeping.home, "renew", "--retire")
    assert "authority 2" not in keeping.encryption.endings()


def _nearly_over(keeping: Keeping, who: Identity) -> bytes:
    """Its file with a certificate that ends in a fortnight."""
    seed, _ = read_seed(keeping.seed_file(who))
    pem = keeping.encryption.party(who.name, now() - timedelta(days=PARTY_DAYS - 14), None)
    replace(keeping.seed_file(who), seed + b"\n" + pem.encode())
    return keeping.seed_file(who).read_bytes()


def test_enrolling_one_looks_at_no_other_certificate_and_renewing_at_all(keeping: Keeping) -> None:
    """With a hundred parties that come one by one, looking at all each time took minutes; at none, somebody is cut."""
    old = {who: _nearly_over(keeping, who) for who in (AUDITOR, OPERATOR)}

    assert keeping.complete((AUDITOR, OTHER))
    assert keeping.seed_file(AUDITOR).read_bytes() != old[AUDITOR]
    assert keeping.seed_file(OPERATOR).read_bytes() == old[OPERATOR]

    assert not keeping.renew(), "the server's own certificate is a new one"
    assert ends(keeping.seed_file(OPERATOR).read_text().partition("\n")[2]) - now() > timedelta(days=PARTY_DAYS - 1)
    assert keeping.book().member(OTHER) is not None


def test_signing_writes_one_file_per_identity_that_works_like_the_other(keeping: Keeping) -> None:
    told = _typed(keeping.home, "sign")

    assert len(told["files"]) == len(hub())
    for file in told["files"]:
        proof = credentials(Path(file))
        assert proof.with_jwt
        assert proof.options["tls"] is not None
    modes = {path.stat().st_mode & 0o777 for path in (keeping.home / "identity" / "jwt").rglob("*") if path.is_file()}
    assert modes == {0o600}


def test_an_exported_signed_file_is_the_only_one_after_it_was_moved(keeping: Keeping, tmp_path: Path) -> None:
    handed = tmp_path / "auditor.creds"
    _typed(keeping.home, "export", "role", "auditor", "--to", str(handed), "--signed", "--move")

    assert credentials(handed).with_jwt
    assert not keeping.seed_file(AUDITOR).exists()
    assert list((keeping.home / "identity" / "jwt" / "creds").glob("*auditor*")) == []

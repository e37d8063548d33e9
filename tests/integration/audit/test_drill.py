"""The superuser drill on a real Postgres: every attack is found with its rows, and the honest ledger passes."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from typer.testing import CliRunner, Result

from services.audit.commands.ledger_cli import commands
from services.audit.connecting import Connection
from services.audit.drill.cases import Case
from services.audit.recomputing.verification import Verification, verify
from services.audit.store import Ledger
from services.audit.tlog.anchors import Anchor, Trust
from tests.ledgers import RECORDED, messages


async def typed(*words: str) -> Result:
    """The command's result; in a thread of its own, because a command runs its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, commands, ["drill", *words])


@pytest.mark.timeout(240)
async def test_each_of_ten_attacks_by_a_superuser_is_found_with_its_rows() -> None:
    """Breaks if a superuser could rewrite, shorten, reorder or replace the ledger, even with the log's own key."""
    result = await typed("--entries", "1300", "--json")
    assert result.exit_code == 0, result.output
    drilled = json.loads(result.stdout)
    assert drilled["honest"] is True
    assert [case["case"] for case in drilled["cases"]] == [case.value for case in Case]
    for case in drilled["cases"]:
        attacked, first = case["attacked"], case["findings"][0]
        assert first["first"] <= attacked["first"] <= first["last"], case
        if case["case"] not in {"delete_and_renumber", "edit_and_rebuild", "steal_key"}:
            assert first["last"] - first["first"] <= max(attacked["last"] - attacked["first"], 500), case
    thief = next(case for case in drilled["cases"] if case["case"] == "steal_key")
    assert thief["passes_alone"], "the forgery is one that only a witness can find"


@pytest.mark.timeout(240)
async def test_the_drill_attacks_a_copy_of_a_real_ledger_which_is_only_read(
    ledger: Ledger, ledger_database: str, reader_dsn: str, superuser: Connection
) -> None:
    for first in range(1, 120, 15):
        await ledger.append(messages(first, first + 14), RECORDED)
    before = await superuser.fetch("SELECT * FROM audit.position ORDER BY size")
    for dsn, lang, told in ((reader_dsn, "vi", "lấy trộm khóa"), (ledger_database, "en", "steals the key")):
        result = await typed("--dsn", dsn, "--lang", lang)
        assert result.exit_code == 0, result.output
        assert told in result.stdout
        assert "✗" not in result.stdout
    assert await superuser.fetch("SELECT * FROM audit.position ORDER BY size") == before


@pytest.mark.timeout(240)
async def test_a_drill_whose_verification_finds_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks if the drill said ✓ without anything having been found."""

    async def blind(dsn: str, progress: None, anchors: Sequence[Anchor], trust: Trust) -> Verification:
        found = await verify(dsn, progress, anchors, trust)
        return Verification(found.entries, found.root, (), found.unreadable, found.repeated)

    monkeypatch.setattr("services.audit.drill.running.verify", blind)
    result = await typed("--entries", "40", "--json")
    assert result.exit_code == 1
    assert not any(case["detected"] for case in json.loads(result.stdout)["cases"])


async def test_a_ledger_that_is_too_short_for_a_drill_is_said_to_be(ledger: Ledger, ledger_database: str) -> None:
    await ledger.append(messages(1, 4), RECORDED)
    result = await typed("--dsn", ledger_database, "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "20" in result.stderr

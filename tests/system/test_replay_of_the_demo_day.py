"""The demonstration's day taken through an edited draft: what the edit changes is listed, and nothing else."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from contracts import subjects
from contracts.envelope import read
from contracts.identity import AUDITOR
from services.runtime.credentials import key_file
from services.runtime.embedded.local_stack import running_stack
from services.runtime.jetstream import read_subject
from services.runtime.sending import connection
from tests.system.conftest import REFERENCE

ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def day(system_folder: Path) -> Iterator[Path]:
    """The home of a demonstration that was told to its end and still runs."""
    home = system_folder / "home"
    command = [sys.executable, "-m", "services.cli", "demo", "--json", "--home", str(home)]
    log = (system_folder / "demo.log").open("w", encoding="utf-8")
    told = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert told.stdout is not None
        assert json.loads(told.stdout.readline())["contradictions"] == [], (system_folder / "demo.log").read_text()
        yield home
    finally:
        told.send_signal(signal.SIGINT)
        told.communicate(timeout=60)
        log.close()


@pytest.mark.long
@pytest.mark.timeout(360)
def test_replay_of_the_day_lists_exactly_what_an_edit_changes(day: Path, tmp_path: Path) -> None:
    """A legal officer who edits one rule must see whom that touches, and trust that it touches nobody else."""
    by_rule = asyncio.run(_rules_of(day))
    rule = min(by_rule)
    draft = _without(rule, tmp_path)

    same, edited = _replay(day, REFERENCE), _replay(day, draft)

    assert same["incidents"] >= 10
    assert (same["affected"], same["differs_from_record"]) == ([], [])
    assert {one["incident"] for one in edited["affected"]} == by_rule[rule]
    assert sum(edited["counts"].values()) == sum(len(one["effects"]) for one in edited["affected"]) > 0


async def _rules_of(home: Path) -> dict[str, set[str]]:
    """Rule -> the incidents of which some decision gave somebody a role by it."""
    state = running_stack(home)
    assert state is not None
    found: dict[str, set[str]] = {}
    async with connection(state.nats_url, key_file(home, AUDITOR)) as client:
        async for stored in read_subject(client, "EVENTS", subjects.ALL_COURSES):
            data = read(stored.body).data
            if (decision := getattr(data, "decision", None)) is not None and not decision.fallback:
                for assignment in decision.assignments:
                    found.setdefault(assignment.rule, set()).add(str(data.incident))
    return found


def _without(rule: str, folder: Path) -> Path:
    """The reference set in which this rule is not in force yet."""
    shutil.copytree(REFERENCE / "regulations", folder / "regulations")
    for file in (folder / "regulations").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if (start := text.find(f"code: {rule}\n")) >= 0:
            value = text.index("valid_from: ", start) + len("valid_from: ")
            file.write_text(text[:value] + "2099-01-01" + text[value + 10 :], encoding="utf-8")
            return folder / "regulations"
    raise AssertionError(rule)


def _replay(home: Path, draft: Path) -> Any:
    told = os.environ | {"PHOIHOP_HOME": str(home), "PHOIHOP_REFERENCE": str(REFERENCE)}
    command = [sys.executable, "-m", "services.cli", "regulations", "replay", str(draft), "--json"]
    ran = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)

"""`phoihop demo` as a stranger runs it: own servers, own processes, one JSON document, everything checked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(180)
def test_the_demonstration_tells_one_story_on_every_side() -> None:
    """Fails when a receipt, a desk's feed, the stream and the ledger disagree, or a tampered ledger goes unnoticed."""
    ran = subprocess.run(
        [sys.executable, "-m", "services.cli", "demo", "--once", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["contradictions"] == []
    assert told["accepted"] >= 25
    assert told["rejected"] >= 1
    assert told["duplicates"] >= 1
    assert told["reports"] == told["accepted"] + told["rejected"] + told["duplicates"]
    assert told["incidents"] + told["joined"] + told["filed"] == told["accepted"]
    assert told["dispatches"] >= told["acknowledged"] >= 1
    assert told["escalated"] >= 2
    assert told["late"] >= 1
    assert told["taken"] >= 10
    assert told["reported"] >= 3
    assert told["missing"] >= 1
    assert told["exercise_dispatches"] >= 1
    assert told["exercise_on_live_desks"] == 0
    assert told["ledger"]["verified"] is True
    assert told["ledger"]["tampered_copy_detected"] is True
    recorded = told["accepted"] + told["rejected"] + told["incidents"] + told["joined"]
    answers = told["dispatches"] + told["delivered"] + told["acknowledged"] + told["escalated"]
    assert told["ledger"]["entries"] >= recorded + answers
    assert "hạn tiếp nhận" in ran.stderr
    assert "không quyết định trong" in ran.stderr
    assert "chưa có báo cáo kết quả" in ran.stderr
    assert "[DIỄN TẬP]" in ran.stderr

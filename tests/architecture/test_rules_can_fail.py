"""Every rule finds its offence in a small tree and leaves the innocent alone: one that cannot fail guards nothing."""

from pathlib import Path
from typing import Final

import pytest

from tests.architecture import rules
from tests.architecture.census import modules
from tests.architecture.rules import RULES, Rule

WORDS_OF_ROLES: Final = 'X = {Role.LEAD: ("a", "b"), Role.COMMAND: ("c", "d"), Role.INFORM: ("e", "f")}'
LONG_FUNCTION: Final = "def f():\n" + "    x = 1\n" * 39
OFFENCES: Final[dict[Rule, list[tuple[str, str]]]] = {
    rules.subjects_are_spelled_in_one_place: [
        ("services/desk/handlers.py", 'SUBJECT = "inbox.report.*.*"'),
        ("services/desk/handlers.py", 'def f(space, i):\n    return f"{space}.incident.{i}.course"'),
        ("services/routing/store.py", 'SUBJECT = "*.incident.>"'),
        ("contracts/streams.py", 'SUBJECT = "actual.report.>"'),
    ],
    rules.only_settings_read_the_environment: [
        ("services/intake/http.py", 'import os\nX = os.environ["PHOIHOP_X"]'),
        ("services/intake/http.py", "from os import getenv as read\nX = read('X')"),
        ("services/runtime/broker.py", "from pydantic_settings import BaseSettings\nclass S(BaseSettings): ..."),
    ],
    rules.only_publishing_publishes: [
        ("services/intake/handlers.py", "async def f(js):\n    await js.publish('x', b'')"),
        ("services/intake/app.py", "@broker.publisher('x')\ndef f(): ..."),
        ("services/runtime/broker.py", "async def f(js):\n    await js.publish_async('x', b'')"),
    ],
    rules.only_the_clock_reads_a_clock: [
        ("services/routing/incident.py", "from datetime import datetime, UTC\nNOW = datetime.now(UTC)"),
        ("services/runtime/logs.py", "import time as t\nNOW = t.time()"),
        ("services/audit/tlog/merkle.py", "from time import monotonic\nX = monotonic()"),
    ],
    rules.only_identifiers_make_ids: [
        ("services/desk/handlers.py", "from uuid import uuid4\nX = uuid4()"),
        ("contracts/events.py", "import uuid_utils\nX = uuid_utils.uuid7()"),
        ("services/routing/incident.py", "import random\nX = random.random()"),
    ],
    rules.contracts_import_little: [
        ("contracts/events.py", "import structlog"),
        ("contracts/events.py", "def f():\n    from services.runtime import clock"),
    ],
    rules.the_verifier_needs_only_python: [
        ("services/audit/evidence/verify.py", "import pydantic"),
        ("services/audit/evidence/verify.py", "from services.audit import merkle"),
        ("services/audit/evidence/verify.py", "from . import merkle"),
    ],
    rules.files_are_short: [("services/desk/board.py", "x = 1\n" * 300)],
    rules.functions_are_short: [("tests/unit/test_x.py", LONG_FUNCTION)],
    rules.modules_say_what_they_do: [("services/desk/board.py", "x = 1"), ("deploy/x.py", "# a comment")],
    rules.modules_have_a_subject: [
        ("services/runtime/utils.py", ""),
        ("services/desk/_helpers.py", ""),
        ("services/core/x.py", ""),
    ],
    rules.closed_lists_are_worded_once: [
        ("services/desk/words.py", f"from contracts.codes import Role\n{WORDS_OF_ROLES}"),
        ("services/desk/words.py", "from contracts import codes\n" + WORDS_OF_ROLES.replace("Role.", "codes.Role.")),
        ("services/audit/words.py", 'X = {"lead": ("a", "b"), "command": ("c", "d"), "inform": ("e", "f")}'),
        ("services/audit/words.py", 'X = {"Extreme": "rất / very", "Severe": "nặng / much", "Minor": "nhẹ / little"}'),
    ],
}
INNOCENT: Final = {
    "contracts/subjects.py": 'REPORTS = "inbox.report.*.*"',
    "contracts/identifiers.py": "from uuid import uuid5\nfrom uuid_utils.compat import uuid7\nX = uuid5, uuid7",
    "contracts/events.py": 'import json\nimport pydantic\nfrom contracts import subjects\nKIND = "report.accepted"',
    "services/runtime/clock.py": "from datetime import UTC, datetime\ndef now():\n    return datetime.now(UTC)",
    "services/runtime/publishing.py": "async def f(js):\n    await js.publish('x', b'')",
    "services/runtime/settings.py": "import os\nX = os.environ",
    "services/audit/evidence/verify.py": "import hashlib",
    "services/desk/queue.py": "from contracts.codes import Severity\nX = {Severity.EXTREME: 1, Severity.SEVERE: 2}",
    "services/desk/board.py": "from datetime import datetime\ndef f(at: datetime) -> datetime:\n    return at",
    "tests/unit/test_x.py": LONG_FUNCTION.removesuffix("    x = 1\n"),
}


def plant(root: Path, path: str, text: str) -> None:
    """Put one module, with a docstring unless it is there to lack one, into the tree."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_every_rule_has_an_offence_to_find() -> None:
    assert set(OFFENCES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [pytest.param(rule, *case, id=f"{rule.__name__}-{case[0]}") for rule in OFFENCES for case in OFFENCES[rule]],
)
def test_the_offence_is_found(tmp_path: Path, rule: Rule, path: str, text: str) -> None:
    plant(tmp_path, path, text)
    findings = [finding for module in modules(tmp_path, RULES[rule]) for finding in rule(module)]
    assert findings
    assert findings[0].startswith(f"{path}:")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_innocent_are_left_alone(tmp_path: Path, rule: Rule) -> None:
    for path, text in INNOCENT.items():
        plant(tmp_path, path, f'"""What it does; `inbox.report.*.*` in a docstring is no subject."""\n{text}\n')
    assert not [finding for module in modules(tmp_path, RULES[rule]) for finding in rule(module)]

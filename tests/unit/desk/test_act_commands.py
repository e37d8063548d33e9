"""What an officer types becomes an act: every command gives fields that its kind of act takes, for the right desk."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from contracts import actions
from contracts.codes import Space
from services.desk import connecting, view
from services.desk.cli import commands
from services.runtime.terminal import Exit

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DESK, DISPATCH, INCIDENT = "xa-a/truc-ban", "0199", "018f6f7e-1111-7111-8111-000000000001"
TYPED: dict[str, tuple[str, ...]] = {
    "open": (),
    "acknowledge": ("--note", "đã rõ"),
    "accept": ("--part", "bờ bắc", "--consent", "xa-b/truc-ban"),
    "defer": ("--until", "2026-11-22T15:00+07:00", "--reason", "chờ lệnh"),
    "decline": ("--reason", "wrong_area", "--text", "ngoài địa bàn", "--to", "xa-b/truc-ban"),
    "transfer": ("--to", "xa-b/truc-ban", "--reason", "gần hơn"),
    "complete": ("đã dập tắt",),
    "comment": ("gió đổi hướng",),
    "misroute": ("--finding", "wrong_area", "không thuộc xã"),
    "answer": ("--answer", "rule_stands", "đúng quy định"),
    "level": ("--reason", "lan rộng", "--scale", "disaster_risk=3"),
    "command": ("--taker", "Chỉ huy trưởng, xã A", "--since", "2026-11-22T15:00+07:00"),
    "merge": ("--into", INCIDENT, "--reason", "cùng đám cháy"),
    "split": ("--released", INCIDENT, "--reason", "khác nơi"),
    "close": ("--disposition", "resolved", "đã tắt"),
    "reopen": ("--reason", "cháy lại"),
}


class Sent:
    """Takes what a command would send."""

    def __init__(self) -> None:
        self.who: Any = None
        self.kind: type[actions.Action] | None = None
        self.details: dict[str, Any] = {}

    def with_desk(self, who: Any, _lang: Any, work: Any, **_kwargs: Any) -> Any:
        self.who = who
        return asyncio.run(work(self))

    async def acted(self, _client: Any, kind: Any, dispatch: str, _lang: Any, **details: Any) -> dict[str, Any]:
        assert dispatch == DISPATCH
        self.kind, self.details = kind, details
        return {"outcome": "accepted"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    sent = Sent()
    monkeypatch.setattr(connecting, "with_desk", sent.with_desk)
    monkeypatch.setattr(view, "acted", sent.acted)
    return sent


@pytest.mark.parametrize("name", sorted(TYPED))
def test_what_is_typed_are_fields_that_the_act_takes(sent: Sent, name: str) -> None:
    """Breaks if a command and its act drift apart: the officer would learn it only when sending."""
    typed = [name, DESK, DISPATCH, *TYPED[name], "--officer", "Trực ban", "--exercise", "--json"]
    answered = CliRunner().invoke(commands, typed)
    assert answered.exit_code == 0, answered.output
    assert json.loads(answered.stdout)["outcome"] == "accepted"
    assert sent.who == (DESK, True, "Trực ban")
    assert sent.kind is not None
    stated = {"action": uuid4(), "space": Space.EXERCISE, "incident": uuid4(), "dispatch": uuid4(), "sent": NOW}
    assert sent.kind.model_validate(stated | sent.details).type in actions.ACTION_TYPES


def test_every_act_but_the_automatic_delivery_has_a_command(sent: Sent) -> None:
    used = set()
    for name, typed in TYPED.items():
        CliRunner().invoke(commands, [name, DESK, DISPATCH, *typed])
        assert sent.kind is not None
        used.add(sent.kind.model_fields["type"].default)
    assert used == actions.ACTION_TYPES - {"deliver"}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("merge", ("--into", "0199", "--reason", "cùng đám cháy")),
        ("split", ("--released", "0199", "--reason", "khác nơi")),
        ("defer", ("--until", "15:00", "--reason", "chờ lệnh")),
        ("defer", ("--until", "2026-11-22T15:00", "--reason", "chờ lệnh")),
        ("transfer", ("--to", "xa-b", "--reason", "gần hơn")),
        ("level", ("--reason", "lan rộng", "--scale", "disaster_risk")),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_sent(sent: Sent, name: str, wrong: tuple[str, ...]) -> None:
    answered = CliRunner().invoke(commands, [name, DESK, DISPATCH, *wrong, "--lang", "en"])
    assert answered.exit_code == Exit.USAGE
    assert sent.kind is None

"""What is marked secret is refused at every door of a desk too, on record, and nothing of it is kept anywhere."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from contracts import subjects
from contracts.envelope import read
from contracts.events import ActionRefused
from contracts.problems import ProblemCode
from contracts.receipts import ActionReceipt, Outcome
from contracts.subjects import EVERYTHING, Origin
from services.runtime.jetstream import read_subject
from services.runtime.sending import Sender, connection
from tests.integration.http.hub import Hub, running_hub

pytestmark = pytest.mark.asyncio(loop_scope="module")

DESK: Final = Origin("ubnd-t-hue", "truc-ban")
WORDS: Final = "Công trình số 7 đã sẵn sàng"
MARKED: Final = ("MẬT - " + WORDS, f"{WORDS} (Tối mật)", f"Độ mật: Tuyệt mật\n{WORDS}", f"SECRET // {WORDS}")
STUB: Final = "Đã gửi qua kênh mật, số 12/BC, ngày 22/11/2026, Bộ CHQS tỉnh gửi UBND tỉnh"
"""The legal way out: that something was sent by the secret channel, its number, its date, from whom and to whom."""
DOORS: Final[dict[str, tuple[Callable[[str, str], str], dict[str, Any]]]] = {
    "comment": (subjects.action_inbox, {"type": "comment", "incident": str(uuid4()), "dispatch": str(uuid4())}),
    "paper": (subjects.reporting_inbox, {"type": "acknowledge_paper", "paper": str(uuid4())}),
    "handover": (
        subjects.desk_inbox,
        {"type": "propose_handover", "outgoing": "Trực ban 1", "incoming": "Trực ban 2"},
    ),
    "exercise": (
        subjects.exercise_inbox,
        {"type": "cancel_exercise", "drill": str(uuid4())},
    ),
}
FREE_TEXT: Final = {"comment": "text", "paper": "note", "handover": "note", "exercise": "reason"}


def _act(door: str, said: str) -> bytes:
    _, fields = DOORS[door]
    space = "exercise" if door == "exercise" else "actual"
    sent = datetime.now(UTC).isoformat()
    return json.dumps({"action": str(uuid4()), "space": space, "sent": sent, FREE_TEXT[door]: said} | fields).encode()


async def _answered(hub: Hub, door: str, said: str) -> ActionReceipt:
    async with connection(hub.nats.url) as client:
        sender = Sender(client, DOORS[door][0], ActionReceipt)
        await sender.listen(DESK)
        return await sender.send(DESK, _act(door, said))


@pytest.mark.timeout(180)
async def test_a_marked_text_is_refused_at_every_door_of_a_desk_and_the_stub_is_not(server_folder: Path) -> None:
    """One door left open, and a state secret stands in the record for good, in every copy and every evidence file."""
    async with running_hub(server_folder, ("routing",)) as hub:
        for door in DOORS:
            for said in MARKED:
                receipt = await _answered(hub, door, said)
                assert receipt.outcome is Outcome.REJECTED, (door, said)
                assert [one.code for one in receipt.problems] == [ProblemCode.SECRECY_REFUSED], (door, said, receipt)
            stub = await _answered(hub, door, STUB)
            assert ProblemCode.SECRECY_REFUSED not in [one.code for one in stub.problems], (door, stub)
            assert ProblemCode.FIELD_INVALID not in [one.code for one in stub.problems], (door, stub)

        async with connection(hub.nats.url) as client:
            stored = [one async for one in read_subject(client, "EVENTS", EVERYTHING)]
        refused = [data for one in stored if isinstance(data := read(one.body).data, ActionRefused)]
        secret = [one for one in refused if one.problems[0].code is ProblemCode.SECRECY_REFUSED]
        assert len(secret) == len(DOORS) * len(MARKED)
        assert not [one for one in stored if WORDS.encode() in one.body or WORDS.encode("unicode_escape") in one.body]

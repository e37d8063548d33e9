"""What units send to the HTTP door, over plain sockets, and what they hear."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from contracts.identifiers import new_id

UNIT: Final = "vmrcc-kv2/tau-sar"
OTHER_UNIT: Final = "csb-vung-2/tau-tuan-tra"
UNIT_HEADER: Final = "X-Phoihop-Unit"
SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON of one answer."""

    status: int
    headers: Message
    body: Any

    @property
    def codes(self) -> list[str]:
        """The codes of the problems named."""
        return [problem["code"] for problem in self.body["problems"]]


def report(identifier: UUID | None = None, /, **changes: Any) -> dict[str, Any]:
    """A valid first report of a boat in distress."""
    return {
        "type": "incident",
        "report": str(identifier or new_id()),
        "status": "Exercise",
        "sent": datetime.now(UTC).isoformat(),
        "observed_at": datetime.now(UTC).isoformat(),
        "category": "SAR-SEA",
        "headline": "Tàu cá mất liên lạc",
        "severity": "Severe",
        "position_unknown": True,
    } | changes


def update(identifier: UUID | None = None, /, **changes: Any) -> dict[str, Any]:
    """A valid update, which may be refused for rate."""
    return report(identifier, **{"msg_type": "Update", "references": [str(new_id())]} | changes)


def put(
    url: str,
    body: bytes | dict[str, Any],
    *,
    path_id: object = None,
    unit: str | None = UNIT,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """PUTs a report under its own id, or under `path_id`."""
    identifier = path_id if path_id is not None else body["report"] if isinstance(body, dict) else new_id()
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json"} | ({UNIT_HEADER: unit} if unit else {}) | dict(headers or {})
    return ask(url, "PUT", f"/v1/reports/{identifier}", sent, given)


def ask(
    url: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request on a connection of its own."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        content = response.read()
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(response.status, response.headers, json.loads(content) if is_json and content else content)
    finally:
        connection.close()


def refused(answer: Answer, status: int, *codes: str) -> None:
    """Asserts a refusal with these codes, each with its message and its fix."""
    assert (answer.status, answer.codes) == (status, list(codes))
    assert answer.body["outcome"] in {"rejected", "conflict"}
    for problem in answer.body["problems"]:
        assert problem["message"]
        assert problem["fix"]
        assert problem.keys() == {"code", "field", "message", "fix", "detail"}

"""Live events: where to go on after a break, and what an event looks like on the wire."""

import json

from starlette.requests import Request

from services.runtime.web import live


def asked(query: bytes = b"", last: str | None = None) -> Request:
    headers = [] if last is None else [(b"last-event-id", last.encode())]
    return Request({"type": "http", "query_string": query, "headers": headers})


def test_a_page_goes_on_after_what_it_has() -> None:
    """Fails when a browser that reconnects by itself is sent back to where the page was drawn."""
    assert live.after(asked()) == 0
    assert live.after(asked(b"after=17")) == 17
    assert live.after(asked(b"after=17", last="42")) == 42
    assert live.after(asked(b"after=-3")) == 0
    assert live.after(asked(b"after=17", last="nonsense")) == 17


def test_an_event_carries_its_sequence_and_what_was_said_unchanged() -> None:
    event = live.event("row", {"place": "Xã Trà Linh\n\n"}, 7)
    lines = event.encode().decode().splitlines()
    assert "id: 7" in lines
    assert "event: row" in lines
    assert [json.loads(line[6:]) for line in lines if line.startswith("data: ")] == [{"place": "Xã Trà Linh\n\n"}]
    assert "id" not in live.event("beat", {}).encode().decode().split("\n")[0]

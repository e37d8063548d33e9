"""The page of interfaces lists what is published, and offers no way of sending anything."""

from pathlib import Path

import pytest

from services.stack.console.app import PAGES
from services.stack.console.interfaces import interfaces
from services.stack.console.settings import ConsoleSettings

ROOT = Path(__file__).parents[3]
FOUND = {one.file: one for one in interfaces(ROOT / "contracts" / "published")}


def test_every_published_description_is_listed_with_what_it_describes() -> None:
    assert {"openapi-intake.json", "asyncapi-intake.json", "asyncapi-routing.json"} <= FOUND.keys()
    assert ("PUT", "/v1/reports/{report}") in {line[:2] for line in FOUND["openapi-intake.json"].lines}
    assert ("receive", "inbox.report.{agency}.{unit}") in {line[:2] for line in FOUND["asyncapi-intake.json"].lines}
    assert all(one.lines for one in FOUND.values())


def test_the_page_can_send_nothing() -> None:
    """FastStream's own page brings a route by which anybody publishes to the real bus: ours has no form, no script."""
    template = (PAGES / "templates" / "interfaces.html").read_text()
    for word in ("<form", "<script", "<button", "<input"):
        assert word not in template


def test_watched_services_are_told_in_one_line() -> None:
    settings = ConsoleSettings(watched="intake=http://127.0.0.1:8461,desk=https://desk.example.vn")
    assert settings.watched_services == {"intake": "http://127.0.0.1:8461", "desk": "https://desk.example.vn"}
    assert ConsoleSettings().watched_services == {}
    with pytest.raises(ValueError, match="watched"):
        ConsoleSettings(watched="intake")

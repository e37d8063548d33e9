"""`phoihop desk watch` as a process of its own that is killed: nothing is lost, and next to nothing repeated."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts import subjects
from contracts.codes import Role, Space
from contracts.envelope import read
from contracts.events import DispatchDelivered, DispatchIssued
from contracts.streams import desk_consumer
from services.runtime.jetstream import JetStreamRefusedError, api
from services.runtime.sending import connection
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.cli.test_desk_commands import dispatches, fire, within
from tests.integration.http.hub import ROOT, Hub
from tests.integration.http.requests_of_units import UNIT

DESK = "ptds-qg/truc-ban"
UNACKNOWLEDGED = 1
"""The one fact that a killed watcher had printed and not yet acknowledged to the bus."""


class Watcher:
    """A watching process and the lines it printed so far."""

    def __init__(self, hub: Hub, *options: str) -> None:
        command = [sys.executable, "-m", "services.cli", "desk", "watch", DESK, "--json", *options]
        self.lines: list[dict[str, Any]] = []
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=hub.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def events(self) -> list[str]:
        """Ids of the facts shown."""
        return [line["event"] for line in self.lines]

    def end(self) -> str:
        """SIGKILL; returns what it said on stderr."""
        self.process.kill()
        _, said = self.process.communicate()
        self._reader.join()
        return said


@contextmanager
def _watching(hub: Hub, *options: str) -> Iterator[Watcher]:
    watcher = Watcher(hub, *options)
    try:
        yield watcher
    finally:
        watcher.end()


def _feed(hub: Hub, after: int = 0) -> list[str]:
    """Ids of the desk's facts after a sequence of the stream."""
    feed = subjects.desk_feed(Space.EXERCISE, *DESK.split("/"))
    return [str(read(stored.body).id) for stored in asyncio.run(hub.facts(feed)) if stored.sequence > after]


def _reported(phoihop: Phoihop, folder: Path, count: int) -> None:
    files = [written(folder, fire()) for _ in range(count)]
    assert phoihop("report", *files, "--as", UNIT, "--json").code == 0


def test_a_killed_watcher_resumes_where_it_stopped(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """Breaks if a fact counted as seen before it was shown (lost), or if resuming began at the start (repeated)."""
    with _watching(hub, "--exercise"):
        within(lambda: _acknowledged_to_the_bus(hub))
    seen = asyncio.run(_consumer(hub))["ack_floor"]["stream_seq"]
    _reported(phoihop, tmp_path, 4)
    within(lambda: _feed(hub, seen))
    with _watching(hub, "--exercise") as first:
        within(lambda: len(first.lines) >= 3)
    _reported(phoihop, tmp_path, 4)
    within(lambda: _settled(hub))
    with _watching(hub, "--exercise") as second:
        within(lambda: set(first.events() + second.events()) >= set(_feed(hub, seen)) and _delivered(hub))

        assert set(first.events() + second.events()) == set(_feed(hub, seen))
        assert len(set(first.events()) & set(second.events())) <= UNACKNOWLEDGED
        assert len(second.events()) == len(set(second.events()))


def test_a_watcher_that_starts_again_with_nothing_new_shows_nothing(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    _reported(phoihop, tmp_path, 1)
    within(lambda: _feed(hub))
    with _watching(hub, "--exercise") as first:
        within(lambda: _feed(hub) and _delivered(hub) and _feed(hub)[-1] in first.events())
        assert first.process.poll() is None
        within(lambda: _acknowledged_to_the_bus(hub))
    with _watching(hub, "--exercise") as second:
        _reported(phoihop, tmp_path, 1)
        within(lambda: second.lines)

        assert not set(first.events()) & set(second.events())


def test_what_was_shown_is_reported_as_delivered(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """Delivered is proof that the desk's software had it, sent by itself and only then."""
    _reported(phoihop, tmp_path, 1)
    within(lambda: _feed(hub))

    with _watching(hub, "--exercise") as watcher:
        within(lambda: _delivered(hub))
        within(lambda: any(line["change"] == "delivered" for line in watcher.lines))


def test_the_live_watch_shows_no_exercise(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    with _watching(hub, "--exercise") as exercise, _watching(hub) as live:
        _reported(phoihop, tmp_path, 1)
        within(lambda: exercise.lines)

        assert live.lines == []
        assert live.process.poll() is None


def test_a_line_is_one_change_with_the_keys_of_a_row(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    with _watching(hub, "--exercise") as watcher:
        _reported(phoihop, tmp_path, 1)
        line = within(lambda: watcher.lines)[0]

    assert line.keys() >= {"change", "at", "event", "incident", "dispatch", "role", "due", "state", "rule", "citation"}
    assert line["change"] in {"issued", "delivered", "acknowledged", "escalated"}


def test_a_reader_that_has_enough_ends_the_watch_quietly(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """As in `phoihop desk watch … | head -1`: no traceback, and the fact nobody took is shown next time."""
    command = [sys.executable, "-m", "services.cli", "desk", "watch", DESK, "--json", "--exercise"]
    with subprocess.Popen(
        command, cwd=ROOT, env=hub.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        _reported(phoihop, tmp_path, 1)
        said = process.stderr.read()

    assert (process.returncode, said) == (0, "")
    with _watching(hub, "--exercise") as watcher:
        within(lambda: set(watcher.events()) & set(_feed(hub)))


def test_a_watch_waits_an_outage_of_the_bus_out(hub: Hub, phoihop: Phoihop, tmp_path: Path) -> None:
    """A duty desk must not have to notice that the server was restarted."""
    with _watching(hub, "--exercise") as watcher:
        _reported(phoihop, tmp_path, 1)
        within(lambda: watcher.lines)
        asyncio.run(hub.kill_nats())
        asyncio.run(hub.revive_nats())
        before = len(_feed(hub))
        within(lambda: phoihop("report", written(tmp_path, fire()), "--as", UNIT, "--json").code == 0)
        within(lambda: len(_feed(hub)) > before)
        within(lambda: _feed(hub)[before] in watcher.events())

        assert watcher.process.poll() is None


def _settled(hub: Hub) -> bool:
    """Whether as many incidents were opened as there are first reports with their lead told."""
    leads = [one for one in dispatches(hub) if one.role is Role.LEAD]
    return len({one.incident for one in leads}) == len({one.incident for one in dispatches(hub)})


def _delivered(hub: Hub) -> bool:
    """Whether every dispatch of the desk was reported as delivered."""
    feed = subjects.desk_feed(Space.EXERCISE, *DESK.split("/"))
    facts = [read(stored.body).data for stored in asyncio.run(hub.facts(feed))]
    issued = {one.dispatch for one in facts if isinstance(one, DispatchIssued)}
    return issued == {one.dispatch for one in facts if isinstance(one, DispatchDelivered)} != set()


def _acknowledged_to_the_bus(hub: Hub) -> bool:
    """Whether the desk has its durable and left nothing of it unacknowledged."""
    try:
        consumer = asyncio.run(_consumer(hub))
    except JetStreamRefusedError:
        return False
    return bool(consumer["num_pending"] + consumer["num_ack_pending"] == 0)


async def _consumer(hub: Hub) -> dict[str, Any]:
    """What the server says of the desk's durable."""
    agency, desk = DESK.split("/")
    consumer = desk_consumer(Space.EXERCISE, agency, desk)
    async with connection(hub.nats.url) as client:
        return await api(client, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}")

"""Each peer really runs here: installed, started, given forty reports, its answers checked equal, ended and removed."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import pytest

from benchmarks.beside.delivery import delivery
from benchmarks.beside.job import Fact, Report
from benchmarks.beside.rounds import WARM
from benchmarks.beside.running import beside
from benchmarks.beside.sides import SIDES

COUNT = 20
pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def made(number: int) -> Report:
    """A report as a unit sends it, with two facts for desks and two for the record alone."""
    report = str(UUID(int=number << 64))
    body = {"type": "incident", "report": report, "status": "Actual", "category": "NAT-FLOOD", "urgency_mark": "thuong"}
    times = {"sent": "2026-11-22T05:00:00+00:00", "observed_at": "2026-11-22T04:00:00+00:00"}
    body_text = json.dumps({**body, **times, "headline": "Lũ quét", "places": [{"kind": "area", "code": "19819"}]})
    desks = (None, None, "ca-x/truc-ban", "ubnd-x/truc-ban")
    facts = tuple(_fact((number << 64) + 1 + place, desk) for place, desk in enumerate(desks))
    return Report(report, body_text, facts)


def _fact(number: int, desk: str | None) -> Fact:
    agency, incident = desk and desk.partition("/")[0], str(UUID(int=7)) if desk else None
    body = json.dumps({"id": str(UUID(int=number)), "note": "Lũ quét"}, ensure_ascii=False)
    return Fact(str(UUID(int=number)), "2026-11-22T05:00:00Z", incident, "phoihop.X.v1", agency, "actual.x", desk, body)


JOB = [made(number) for number in range(1, WARM + COUNT + 1)]


@pytest.mark.parametrize("name", SIDES)
async def test_a_peer_does_the_whole_job(name: str) -> None:
    async with beside(JOB, COUNT) as peers:
        assert not peers.missing, "this test installs the peers"
        found = await peers.ready[name]()  # raises unless its answers are equal
    assert found.reports_per_second > 0
    assert found.cpu_milliseconds.keys() == {"postgres", SIDES[name].bus.server, *SIDES[name].workers}


async def test_alertmanager_tells_every_desk() -> None:
    async with delivery(JOB) as window:
        assert window is not None, "this test installs Alertmanager"
        p50, p99, p999 = await window(20, 2.0)  # raises unless every desk was told, each once
    assert 0 < p50 <= p99 <= p999


@pytest.fixture
def only_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where everything temporary is made: Postgres, which runs under another account, can pass through it."""
    folder = Path(mkdtemp())
    folder.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


async def test_nothing_of_a_peer_is_left(only_folder: Path) -> None:
    """What a round started would otherwise go on beside the next one, and slow it."""
    async with beside(JOB, COUNT) as peers:
        await peers.ready["celery-redis usual"]()
        assert left(only_folder)
    assert not left(only_folder)


def left(folder: Path) -> list[Path]:
    """What is in it, and the processes whose program or arguments are."""
    processes = [one for one in Path("/proc").iterdir() if one.name.isdigit() and _names(one, folder)]
    return [*folder.iterdir(), *processes]


def _names(process: Path, folder: Path) -> bool:
    try:
        return str(folder).encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False

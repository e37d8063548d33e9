"""/review as a process of its own, on a real Postgres and a real NATS, with nothing but the reader's login."""

import asyncio
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pytest_asyncio

from contracts import subjects
from contracts.access import Role
from contracts.codes import Space
from contracts.envelope import read
from contracts.reading import AuditRead
from services.audit.connecting import Connection
from services.audit.roles import READER
from services.audit.store import Ledger
from services.runtime.web.settings import WebSettings
from tests.integration.http.hub import Hub, running_hub
from tests.ledgers import INCIDENT, RECORDED
from tests.notaries import typed
from tests.reviews import story
from tests.visitors import SAME_ORIGIN, signed_in, visitor

INCIDENT_PAGE = f"/review/incidents/{INCIDENT}"
HTML = {"Accept": "text/html", "Accept-Language": "vi"}


@dataclass(frozen=True)
class Scene:
    """A running section, and somebody who is signed in to it."""

    hub: Hub
    home: Path
    dsn: str
    client: httpx.AsyncClient

    async def page(self, path: str, status: int = 200, **query: str) -> str:
        answer = await self.client.get(path, params=query)
        assert answer.status_code == status, answer.text
        return answer.text

    async def post(self, path: str) -> httpx.Response:
        return await self.client.post(path, headers=SAME_ORIGIN)

    async def readings(self) -> list[AuditRead]:
        found = await self.hub.facts(subjects.facts(Space.ACTUAL))
        return [event.data for each in found if isinstance((event := read(each.body)).data, AuditRead)]


@pytest_asyncio.fixture
async def scene(ledger: Ledger, reader_dsn: str, session_folder: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    await ledger.append(story(), RECORDED)
    home, folder = tmp_path / "home", session_folder / f"review-{tmp_path.name}"
    folder.mkdir()
    async with running_hub(folder) as hub:
        url = await hub.serve("review", home=str(home), postgres_dsn=reader_dsn)
        cookies = signed_in(visitor(Role.AUDITOR, name="Kiểm tra viên 7"), WebSettings(home=home))
        async with httpx.AsyncClient(base_url=url, cookies=cookies, headers=HTML, timeout=30) as client:
            yield Scene(hub, home, reader_dsn, client)


async def test_pages_tell_what_is_on_record_and_each_reading_is_recorded_with_the_duty_role(scene: Scene) -> None:
    """Breaks if an auditor could look without the record saying who, what and when; or if reports became markup."""
    found = await scene.page("/review", since="2026-11-01", agency="ca-hue", category="NAT-FLOOD")
    assert str(INCIDENT) in found
    assert "Ngập &lt;b&gt;sâu&lt;/b&gt; ở tổ 5" in found
    assert str(INCIDENT) not in await scene.page("/review", category="FOR-FIRE")
    assert str(INCIDENT) not in await scene.page("/review", agency="nobody")
    assert str(INCIDENT) not in await scene.page("/review", space="exercise")
    shown = await scene.page(INCIDENT_PAGE)
    assert "hết thời hạn nêu ở mục 3" in shown
    assert 'href="#e3"' in shown
    assert "<b>sâu" not in shown
    knew = await scene.page("/review/desks", desk="ca-hue/truc", at="2026-11-22T08:08")
    assert "đã nhận, chứng minh bởi mục 4" in knew
    assert "the time given in entry 3 ran out" in await scene.page(INCIDENT_PAGE, lang="en")
    assert "<h1" in await scene.page(f"/review/incidents/{str(INCIDENT)[:-1]}9", status=404)
    owed = await scene.page("/review/obligations", agency="ubnd-hue", lang="vi")
    assert "2026-11" in owed
    assert "<svg" in owed
    assert '/review/history?agency=ubnd-hue&amp;month=2026-11"' in owed
    course = await scene.page("/review/history", agency="ca-hue", month="2026-11")
    assert f'href="{INCIDENT_PAGE}#e4"' in course
    assert str(INCIDENT) not in await scene.page("/review/history", agency="ca-hue", month="2026-10")
    readings = await scene.readings()
    assert {(each.login, each.reader) for each in readings} == {(READER, "Kiểm tra viên 7")}
    commands = ["search"] * 4 + ["incident", "desk", "incident", "incident", "obligations", "history", "history"]
    assert [each.command for each in readings] == [f"review {command}" for command in commands]
    assert readings[0].sought == ("since=2026-11-01", "agency=ca-hue", "category=NAT-FLOOD")


async def test_strangers_and_what_is_mistyped_read_nothing(scene: Scene) -> None:
    """Breaks if a page of the record showed itself to whoever finds the port, or to an officer's session."""
    async with httpx.AsyncClient(base_url=scene.client.base_url, headers=HTML) as stranger:
        for path in (
            "/review",
            INCIDENT_PAGE,
            *(f"/review/{page}" for page in ("desks", "obligations", "history", "ledger")),
        ):
            assert (await stranger.get(path)).status_code == 303
        assert (await stranger.post(f"{INCIDENT_PAGE}/evidence")).status_code in {401, 403}
    officer = signed_in(visitor(Role.OFFICER, "ca-hue/truc"), WebSettings(home=scene.home), "review")
    async with httpx.AsyncClient(base_url=scene.client.base_url, headers=HTML, cookies=officer) as wrong:
        assert (await wrong.get(INCIDENT_PAGE)).status_code == 303
    for path, query in (
        ("/review", {"since": "soon"}),
        ("/review", {"incident": "x"}),
        ("/review", {"space": "everything"}),
        ("/review/desks", {"desk": "ca-hue", "at": "2026-11-22T08:08"}),
        ("/review/obligations", {"until": "never"}),
        ("/review/history", {"agency": "ca-hue", "month": "11/2026"}),
    ):
        assert (await scene.client.get(path, params=query)).status_code == 200
    assert 'aria-invalid="true"' in await scene.page("/review", since="soon")
    assert (await scene.client.get("/review", params={"incident": str(INCIDENT)})).headers["location"] == INCIDENT_PAGE
    assert await scene.readings() == []


async def test_nothing_is_shown_where_no_record_can_be_made(scene: Scene) -> None:
    """Breaks if a full or foreign disk let somebody read unrecorded."""
    (scene.home / "readings").touch()
    for path in ("/review", INCIDENT_PAGE, "/review/obligations"):
        shown = await scene.page(path, status=503)
        assert str(INCIDENT) not in shown.replace(INCIDENT_PAGE, "")
    assert (await scene.post(f"{INCIDENT_PAGE}/evidence")).status_code == 503


async def test_the_evidence_file_is_accepted_by_the_program_in_it(scene: Scene, tmp_path: Path) -> None:
    """Breaks if what a browser gets were not what `phoihop ledger export` gives, or were given without a checkpoint."""
    early = await scene.post(f"{INCIDENT_PAGE}/evidence")
    assert (early.status_code, early.headers["content-type"].partition(";")[0]) == (503, "text/html")
    await sign(scene)
    answer = await scene.post(f"{INCIDENT_PAGE}/evidence")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "no-store"
    archive = tmp_path / "evidence.zip"
    archive.write_bytes(answer.content)
    with zipfile.ZipFile(BytesIO(answer.content)) as file:
        (tmp_path / "verify.py").write_bytes(file.read("verify.py"))
    command = [sys.executable, "-I", "-S", "verify.py", str(archive), "--trust-enclosed-policy"]
    ran = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [each.command for each in await scene.readings()] == ["review evidence"] * 2


async def test_a_verification_runs_in_the_background_and_finds_what_was_changed(
    scene: Scene, superuser: Connection
) -> None:
    """Breaks if the page could say "sound" about a ledger whose bytes were changed."""
    await sign(scene)
    await verified(scene)
    shown = await scene.page("/review/ledger")
    assert "Sổ nguyên vẹn" in shown
    assert "Kiểm tra viên 7" in shown
    await superuser.execute("SET phoihop.maintenance = 'attack'; SET event_triggers = off")
    for table in ("entry", "entry_2026_11"):
        await superuser.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER ALL")
    await superuser.execute("UPDATE audit.entry SET body = body || ' '::bytea WHERE idx = 0")
    await verified(scene)
    shown = await scene.page("/review/ledger")
    assert "Sổ đã bị thay đổi" in shown
    assert "mục 0: nội dung đã bị sửa" in shown
    assert (await scene.post(f"{INCIDENT_PAGE}/evidence")).status_code == 503


async def verified(scene: Scene) -> None:
    """Starts a verification as the button does, and follows it to its end as the page does."""
    assert (await scene.post("/review/ledger/verify")).status_code == 303
    async with scene.client.stream("GET", "/review/ledger/events", headers={"Accept": "text/event-stream"}) as events:
        async for line in events.aiter_lines():
            if '"running":false' in line:
                break


async def sign(scene: Scene) -> None:
    """A checkpoint over everything, kept where the pages look for it."""
    result = await typed(scene.dsn, "checkpoint")
    assert result.exit_code == 0, result.output

"""/regulations as a process of its own beside a real routing: rules, tries, proof of a draft, and who may step in."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from contracts.access import Role
from services.runtime.web.settings import WebSettings
from tests.integration.http.hub import Hub, running_hub
from tests.integration.routing.drafts import SHORTER, VERSION, draft
from tests.visitors import SAME_ORIGIN, signed_in, visitor

HTML = {"Accept": "text/html", "Accept-Language": "vi"}
LEGAL = "ubnd-t-hue/phap-che"
REPORT = {
    "type": "incident",
    "report": "0190a1b2-0000-7000-8000-000000000001",
    "status": "Actual",
    "sent": "2026-11-22T08:00:00+07:00",
    "observed_at": "2026-11-22T08:00:00+07:00",
    "category": "FOR-FIRE",
    "headline": "Cháy <i>rừng</i>",
    "urgency_mark": "khan",
    "places": [{"kind": "area", "code": "19819", "valid_on": "2026-11-22"}],
}

pytestmark = pytest.mark.timeout(240)


@dataclass(frozen=True)
class Scene:
    """The running section and an owner of regulations who is signed in to it."""

    hub: Hub
    home: Path
    client: httpx.AsyncClient

    async def page(self, path: str, expected: int = 200, /, **query: str) -> str:
        answer = await self.client.get(path, params=query)
        assert answer.status_code == expected, answer.text
        return answer.text

    async def work(self, **asked: str) -> str:
        """What a piece of work found, followed as the page follows it."""
        begun = await self.client.post("/regulations/jobs", data=asked, headers=SAME_ORIGIN)
        assert begun.status_code == 303, begun.text
        place = begun.headers["location"]
        async with self.client.stream("GET", f"{place}/events", headers={"Accept": "text/event-stream"}) as events:
            async for line in events.aiter_lines():
                if line.startswith("data:") and '"running":false' in line:
                    break
        return await self.page(place)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(module_folder: Path) -> AsyncIterator[Scene]:
    home, drafts = module_folder / "home", module_folder / "drafts"
    drafts.mkdir()
    draft(drafts, "reference-2026-12", SHORTER).rename(drafts / "shorter")
    (drafts / "broken").mkdir()
    (drafts / "broken" / "00-set.yaml").write_text("code: x\n", encoding="utf-8")
    async with running_hub(module_folder, ("routing",)) as hub:
        url = await hub.serve("regulations", home=str(home), drafts=str(drafts))
        cookies = signed_in(visitor(Role.OWNER, LEGAL), WebSettings(home=home))
        async with httpx.AsyncClient(base_url=url, cookies=cookies, headers=HTML, timeout=60) as client:
            yield Scene(hub, home, client)


@pytest.mark.asyncio(loop_scope="module")
async def test_rules_are_sentences_with_their_basis_in_both_languages(scene: Scene) -> None:
    shown = await scene.page("/regulations", category="FOR-FIRE")
    assert VERSION in shown
    assert "chủ trì" in shown
    assert "chưa đối chiếu" in shown
    assert len(await scene.page("/regulations", category="FOR-FIRE", status="confirmed")) < len(shown)
    assert "In force" in (english := await scene.page("/regulations", lang="en")) or "in force" in english
    assert "shorter" in await scene.page("/regulations", of="draft:shorter", lang="vi")
    for unknown in ("draft:../home", "draft:none", "version:reference/none", "x"):
        await scene.page("/regulations", 404, of=unknown)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_try_says_who_would_get_it_and_why_and_files_nothing(scene: Scene) -> None:
    """Breaks if asking "who would get this?" sent anybody anything, or showed a report's text as markup."""
    before = await scene.hub.facts(">")
    shown = await scene.page(
        "/regulations/try", category="NAT-FLOOD", place="19819", urgency_mark="khan", severity="Severe"
    )
    assert "nơi nhận" in shown
    assert "Quy tắc áp dụng" in shown
    assert 'data-state="done">✓' in shown
    pasted = await scene.client.post(
        "/regulations/try", data={"report": json.dumps(REPORT), "reporter": "ubnd-t-hue"}, headers=SAME_ORIGIN
    )
    assert pasted.status_code == 200
    assert "FOR-FIRE" in pasted.text
    assert "<i>rừng" not in pasted.text
    for wrong in ("", "{}", json.dumps(REPORT | {"category": "X"})):
        refused = await scene.client.post("/regulations/try", data={"report": wrong}, headers=SAME_ORIGIN)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    assert "alert" in await scene.page("/regulations/try", 422, category="NAT-FLOOD", disaster_risk="99")
    assert await scene.hub.facts(">") == before


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="module")
async def test_cases_comparison_and_impact_of_a_draft_are_worked_out_apart(scene: Scene) -> None:
    assert "đều đúng như đã định" in await scene.work(work="cases", of="active")
    assert "tình huống được quyết định khác" in await scene.work(work="cases", of="draft:shorter")
    compared = await scene.work(**{"work": "diff", "of": "active", "with": "draft:shorter"})
    assert "hạn chung, dấu khan" in compared
    assert "0/0 sự cố" in await scene.work(work="replay", of="draft:shorter")
    assert "Dự thảo có lỗi" in await scene.work(work="cases", of="draft:broken")
    assert "Không còn bộ" in await scene.work(work="check", of="draft:none")


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_acts_without_an_approvers_key_or_without_being_one(scene: Scene) -> None:
    """Breaks if a page could propose in a name whose key it does not hold, or for whoever is merely signed in."""
    assert "không giữ khóa" in await scene.page("/regulations/versions")
    assert "không giữ khóa của người duyệt" in await scene.work(work="propose", of="draft:shorter")
    nobody = signed_in(visitor(Role.OWNER, name="Trực ban 1"), WebSettings(home=scene.home))
    auditor = signed_in(visitor(Role.AUDITOR), WebSettings(home=scene.home), "regulations")
    asked = {"work": "propose", "of": "draft:shorter"}
    for cookies, expected in ((nobody, 403), (auditor, 401), ({}, 401)):
        async with httpx.AsyncClient(base_url=scene.client.base_url, cookies=cookies) as other:
            answer = await other.post("/regulations/jobs", data=asked, headers=SAME_ORIGIN)
            assert answer.status_code == expected
    assert (await scene.client.post("/regulations/jobs", data={"work": "x"}, headers=SAME_ORIGIN)).status_code == 422
    assert "None" not in await scene.page("/regulations/versions")


@pytest.mark.long
@pytest.mark.asyncio(loop_scope="module")
async def test_pages_answer_while_the_proof_runs(scene: Scene) -> None:
    """Breaks if a proof of many seconds ran where pages are drawn."""
    begun = await scene.client.post("/regulations/jobs", data={"work": "check", "of": "active"}, headers=SAME_ORIGIN)
    place = begun.headers["location"]
    answered = 0
    async with asyncio.timeout(200):
        while 'data-running="yes"' in await scene.page(place):
            await scene.page("/regulations", category="FOR-FIRE")
            answered += 1
            await asyncio.sleep(0.2)
    assert answered >= 3
    assert "Không có lỗi" in await scene.page(place)

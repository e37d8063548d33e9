"""What was reported and where it is, as an officer sees it: in the pane, on paper and on the deployment's own map."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio
from playwright.async_api import expect

from contracts.access import Role
from contracts.identifiers import new_id
from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Photograph, Visits
from tests.browser.duty import DESK, Duty, duty
from tests.system.conftest import System

AT_SEA: Final = {"kind": "point", "lat": 15.05, "lon": 112.21}
"""Beside the invented communes, in none of them: the place decides nothing here."""
SCENE: Final[dict[str, Any]] = {
    "places": [AT_SEA, {"kind": "words", "text": "Kho số 4"}],
    "description": "Cháy lan sang kho bên, có bình ga",
    "counts": [{"of": "missing", "value": 2, "unit": "person", "source": "Trạm"}],
    "methane": {"access": "Chỉ vào được bằng cổng phía đông", "services_required": ["Xe thang"]},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def work(system: System) -> AsyncIterator[Duty]:
    async with duty(system) as found:
        yield found


async def test_an_officer_reads_what_was_reported_before_anything_else(visit: Visits, work: Duty) -> None:
    """Otherwise whoever is woken has a headline and must telephone to learn who is missing and which way to come."""
    dispatch = await work.report(f"Cháy kho {new_id().hex[-8:]}", **SCENE)
    page = await visit.page(f"/desk/dispatch/{dispatch}", Role.OFFICER, DESK)
    told = page.locator("dl.account")
    for text in (
        SCENE["description"],
        "mất tích: 2 người (Trạm)",
        "Kho số 4",
        "cổng phía đông",
        "Xe thang",
        "15.05000",
    ):
        await expect(told).to_contain_text(text)
    await page.goto(page.url + "/print")
    await expect(page.locator("table.paper")).to_contain_text(SCENE["description"])


async def test_the_map_marks_what_the_list_numbers_and_follows_what_happens(
    visit: Visits, work: Duty, photograph: Photograph
) -> None:
    """The list stays what counts: a dispatch of which no place is known is in it, and said to be on no map."""
    mark = f"m{new_id().hex[-10:]}"
    known = await work.report(f"Cháy kho {mark}", places=[{**AT_SEA, "lat": 15.095}])
    page = await visit.page(f"/desk/map?q={mark}", Role.OFFICER, DESK, color_scheme="dark")
    await expect(page.locator("#live")).to_have_attribute("data-state", "live")
    await expect(page.locator(f'.mark[data-dispatch="{known}"] circle')).to_be_visible()
    assert await page.locator("path.ground").count() > 0
    unknown = await work.report(f"Cháy nhà {mark}", "Minor")
    row = page.locator(f'.places [data-dispatch="{unknown}"]')
    await expect(row).to_contain_text("không có trên bản đồ")
    await expect(page.locator(f'.mark[data-dispatch="{unknown}"]')).to_have_count(0)
    await photograph(page, "desk-map")
    await assert_accessible(page)
    await page.locator(f'.mark[data-dispatch="{known}"]').click()
    await expect(page.locator("h2, h1").filter(has_text=mark).first).to_be_visible()

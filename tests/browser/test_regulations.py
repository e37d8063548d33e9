"""The pages about regulations in a real browser: rules read, reports tried, drafts proved, two people at work."""

import re
import shutil
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from contracts.access import Role
from contracts.identity import owner
from services.stack.identity.applying import apply
from services.stack.identity.keeping import Keeping
from services.stack.identity.membership import EnrolledAlreadyError
from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Photograph, Visits
from tests.system.conftest import REFERENCE, System

pytestmark = pytest.mark.timeout(400)
LEGAL: Final = "ubnd-t-hue/phap-che"
CHIEF: Final = "ubnd-t-hue/chanh-van-phong"
DRAFT: Final = "nam-2099"
VERSION: Final = "reference-2099-1"
PROOF: Final = 180_000
"""Milliseconds: it takes 13 s of a processor that may be shared."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ready(system: System) -> None:
    """Two approvers with keys of their own, and a draft that only carries another version."""
    keeping = Keeping(system.home)
    for name in (LEGAL, CHIEF):
        agency, _, role = name.partition("/")
        try:
            keeping.create(owner(agency, role))
        except EnrolledAlreadyError:
            continue
    await apply(keeping)
    folder = system.home / "drafts" / DRAFT
    if not folder.exists():
        shutil.copytree(REFERENCE / "regulations", folder)
        _raise_version(folder / "00-set.yaml")


def _raise_version(path: Path) -> None:
    text = re.sub(r"(?m)^version: .*$", f"version: {VERSION}", path.read_text(encoding="utf-8"), count=1)
    path.write_text(text, encoding="utf-8")


async def opened(visit: Visits, path: str, name: str = LEGAL) -> Page:
    return await visit.page(path, Role.OWNER, name)


async def test_rules_are_read_as_sentences_with_their_basis(visit: Visits) -> None:
    page = await opened(visit, "/regulations")
    await page.get_by_label("Về loại").select_option("FOR-FIRE")
    await page.get_by_label("Căn cứ").select_option("confirmed")
    await page.get_by_role("button", name="Xem").click()

    rules = page.locator("ol.rules > li")
    assert await rules.count() >= 1
    await expect(rules.first).to_contain_text("đã đối chiếu")
    await assert_accessible(page)


async def test_a_try_shows_recipients_with_their_citations_and_the_whole_trace(
    visit: Visits, photograph: Photograph
) -> None:
    page = await opened(visit, "/regulations/try")
    await assert_accessible(page)
    await page.get_by_label("Loại", exact=True).select_option("NAT-FLOOD")
    await page.get_by_label("Mã địa bàn").fill("19819")
    await page.get_by_label("Mã địa bàn").press("Enter")

    first = page.locator("#found table tbody tr").first
    await expect(first).to_contain_text("chủ trì")
    await expect(first.locator(".badge")).to_have_count(1)
    trace = page.locator("#found ul.rules li.card").first
    await trace.locator("summary").press("Enter")
    await expect(trace.locator(".conditions li").first).to_be_visible()
    await assert_accessible(page)
    await photograph(page, "regulations")


async def test_a_try_needs_no_script_and_prints_every_condition(visit: Visits) -> None:
    address = "/regulations/try?category=FOR-FIRE&place=19819"
    page = await visit.page(address, Role.OWNER, LEGAL, java_script_enabled=False)
    await expect(page.locator("#found table")).to_be_visible()
    page = await visit.page(address, Role.OWNER, LEGAL, color_scheme="dark")
    await page.emulate_media(media="print")
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert len(await page.pdf()) > 10_000


@pytest.mark.usefixtures("ready")
async def test_a_draft_is_compared_and_its_cases_run_while_the_page_looks_on(visit: Visits) -> None:
    page = await opened(visit, "/regulations/versions")
    await assert_accessible(page)
    draft = page.locator("article", has=page.get_by_role("link", name=DRAFT))
    await draft.get_by_role("button", name="So với bộ đang áp dụng").click()
    await expect(page.locator("#verdict")).to_have_text("Không quy tắc nào khác.", timeout=PROOF)

    await page.get_by_role("link", name="Phiên bản và dự thảo").last.click()
    await draft.get_by_role("button", name="Tác động đến sự cố đã qua").click()
    await expect(page.locator("#verdict")).to_contain_text("sự cố sẽ được quyết định khác", timeout=PROOF)
    await assert_accessible(page)


@pytest.mark.long
@pytest.mark.usefixtures("ready")
async def test_two_people_put_a_set_in_force_and_one_alone_cannot(visit: Visits) -> None:
    """Fails when whoever proposes a set could agree to it too, or a session could act by another's name."""
    legal = await opened(visit, "/regulations/versions")
    draft = legal.locator("article", has=legal.get_by_role("link", name=DRAFT))
    await draft.get_by_label("áp dụng từ").fill("2099-01-01T00:00")
    await draft.get_by_role("button", name="Đề nghị áp dụng").click()
    await expect(legal.locator("#verdict")).to_contain_text("chờ người thứ hai duyệt", timeout=PROOF)

    await legal.get_by_role("link", name="Phiên bản và dự thảo").last.click()
    proposal = legal.locator("article", has_text=VERSION)
    await proposal.get_by_role("button", name="Đồng ý và áp dụng").click()
    await expect(legal.locator("#verdict")).to_contain_text("Không áp dụng", timeout=PROOF)
    await expect(legal.locator("#job")).to_contain_text("hai người duyệt phải khác nhau")

    chief = await opened(visit, "/regulations/versions", CHIEF)
    await chief.locator("article", has_text=VERSION).get_by_role("button", name="Đồng ý và áp dụng").press("Enter")
    await expect(chief.locator("#verdict")).to_contain_text("Sẽ áp dụng từ 01/01/2099", timeout=PROOF)
    await expect(chief.locator("#job")).to_contain_text("phap-che@ubnd-t-hue, chanh-van-phong@ubnd-t-hue")
    await assert_accessible(chief)

"""The auditors' pages in a real browser over the real system: found, read, verified, printed, taken away."""

import asyncio
import random
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from contracts.access import Role
from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Photograph, Visits
from tests.system.conftest import System
from tests.system.desks import Desk
from tests.system.evidence import read_stream
from tests.system.load import Units

pytestmark = pytest.mark.timeout(180)
HEADLINE = "Ngập sâu ở tổ 5, cần xuồng"
LOOKS = 40
"""A checkpoint is made every ten seconds."""


@dataclass(frozen=True)
class Matter:
    """An incident that one desk has acknowledged."""

    incident: str
    agency: str
    desk: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def matter(system: System) -> Matter:
    """Filed, dispatched and acknowledged through the real doors."""
    async with system.client() as client:
        units = Units(client, random.randrange(2**32))
        await units.listen()
        await units.send(units.fresh(category="NAT-FLOOD", headline=HEADLINE, urgency_mark="hoa_toc"))
        async with asyncio.timeout(60):
            issued: list[dict[str, Any]] = []
            while not issued:
                facts = [fact for fact in await read_stream(client, "EVENTS") if fact.kind == "DispatchIssued"]
                issued = [dict(f.data) for f in facts if f.data["headline"] == HEADLINE and f.data["obligations"]]
        to = issued[0]["addressee"]
        desk = Desk(client, to["agency"], to["desk"])
        await desk.listen()
        for act in ("deliver", "acknowledge"):
            await desk.act(issued[0], act)
        return Matter(issued[0]["incident"], to["agency"], to["desk"])


async def opened(visit: Visits, path: str) -> Page:
    return await visit.page(path, Role.AUDITOR, name="Kiểm tra viên 3")


async def test_an_incident_is_found_by_agency_and_category_and_told_with_its_causes(
    visit: Visits, matter: Matter, photograph: Photograph
) -> None:
    page = await opened(visit, "/review")
    await page.get_by_label("Cơ quan đã được gửi").fill(matter.agency)
    await page.get_by_label("Loại").select_option("NAT-FLOOD")
    await page.get_by_role("button", name="Tìm").click()
    await assert_accessible(page)
    await page.get_by_role("link", name=HEADLINE).first.click()

    await expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()
    recipient = page.locator("table.ladders tr", has_text=f"{matter.agency}/{matter.desk}").first
    await expect(recipient).to_contain_text("đúng hạn")
    first = page.locator("table.course tbody tr").first
    await expect(first).to_contain_text("Nhận báo cáo")
    caused = page.get_by_role("link", name="do mục").first
    number = (await caused.inner_text()).split()[-1]
    await expect(caused).to_have_attribute("href", f"#e{number}")
    await caused.click()
    await expect(page.locator(f"#e{number}")).to_be_in_viewport()
    assert await page.locator(".strand svg line").count() > 2
    await assert_accessible(page)
    await page.evaluate("scrollTo(0, 0)")
    await photograph(page, "review")


async def test_what_a_desk_knew_is_one_click_from_what_happened(visit: Visits, matter: Matter) -> None:
    page = await opened(visit, f"/review/incidents/{matter.incident}?desk={matter.agency}/{matter.desk}")
    await page.get_by_role("link", name="Lúc đó đã biết gì").last.click()

    await expect(page.get_by_role("heading", name="Bàn trực đã có")).to_be_visible()
    await expect(page.get_by_text("đã nhận, chứng minh bởi mục").first).to_be_visible()
    await assert_accessible(page)


async def test_obligations_are_charted_by_agency(visit: Visits, matter: Matter) -> None:
    page = await opened(visit, "/review/obligations")

    await expect(page.get_by_role("img", name="Biểu đồ")).to_be_visible()
    await expect(page.get_by_role("row", name=matter.agency).first).to_be_visible()
    assert await page.locator("svg.chart rect.bar").count() >= 1
    await assert_accessible(page)


async def test_an_agencys_month_leads_from_what_it_owed_to_its_entries(visit: Visits, matter: Matter) -> None:
    """Fails when an auditor who sees a breach cannot see what the agency had in hand that month."""
    page = await opened(visit, f"/review/obligations?agency={matter.agency}")
    await page.get_by_role("row", name=matter.agency).get_by_role("link").first.click()

    await expect(page.get_by_role("caption")).to_contain_text(matter.agency)
    await expect(page.get_by_role("link", name=str(matter.incident)).first).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("link", name=str(matter.incident)).first.click()
    await expect(page.locator(":target")).to_be_visible()


async def test_the_verification_runs_while_the_page_looks_on_and_says_what_it_found(
    visit: Visits, matter: Matter
) -> None:
    assert matter.incident
    page = await opened(visit, "/review/ledger")
    await assert_accessible(page)
    await page.get_by_role("button", name="Kiểm tra ngay").click()

    await expect(page.locator("#verdict")).to_have_text("✓ Sổ nguyên vẹn", timeout=60_000)
    await expect(page.locator("#job")).to_contain_text("Kiểm tra viên 3")
    await assert_accessible(page)


async def test_the_evidence_file_comes_down_and_its_own_program_accepts_it(
    visit: Visits, matter: Matter, tmp_path: Path
) -> None:
    """Fails when what an auditor carries away could not be checked without us."""
    page = await opened(visit, f"/review/incidents/{matter.incident}")
    for _ in range(LOOKS):
        if await covered(page):
            break
        await page.wait_for_timeout(1_000)
        await page.reload()
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Tải hồ sơ bằng chứng").click()
    archive = tmp_path / "evidence.zip"
    await (await downloading.value).save_as(archive)
    with zipfile.ZipFile(archive) as file:
        (tmp_path / "verify.py").write_bytes(file.read("verify.py"))
    command = [sys.executable, "-I", "-S", "verify.py", str(archive), "--trust-enclosed-policy"]
    ran = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


async def test_everything_can_be_reached_and_done_with_the_keyboard_alone(visit: Visits, matter: Matter) -> None:
    page = await opened(visit, "/review")
    await page.get_by_label("Mã sự cố").focus()
    await page.keyboard.type(matter.incident)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=HEADLINE)).to_be_visible()
    seen = set()
    for _ in range(60):
        await page.keyboard.press("Tab")
        seen.add(await page.evaluate("(document.activeElement.innerText || '').trim()"))
    assert {"Sổ", "Nghĩa vụ", "Tải hồ sơ bằng chứng"} <= seen
    await page.goto(visit.url("/review/ledger"))
    await page.get_by_role("button", name="Kiểm tra ngay").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#verdict")).to_be_visible(timeout=60_000)


async def test_paper_is_black_on_white_even_from_a_dark_screen_and_keeps_the_arrows(
    visit: Visits, matter: Matter
) -> None:
    page = await visit.page(f"/review/incidents/{matter.incident}", Role.AUDITOR, color_scheme="dark")
    await page.emulate_media(media="print")

    ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert await page.evaluate("getComputedStyle(document.querySelector('.strand line')).stroke") == "rgb(0, 0, 0)"
    await expect(page.get_by_role("button", name="Tải hồ sơ bằng chứng")).to_be_hidden()
    await expect(page.locator(".only-print").first).to_be_visible()
    assert len(await page.pdf()) > 10_000


async def test_everything_can_be_read_without_scripts(visit: Visits, matter: Matter) -> None:
    page = await visit.page("/review", Role.AUDITOR, java_script_enabled=False)
    await page.get_by_role("link", name=HEADLINE).first.click()
    await expect(page.locator("table.course tbody tr").first).to_be_visible()
    await page.goto(visit.url("/review/ledger"))
    await page.get_by_role("button", name="Kiểm tra ngay").click()
    await page.wait_for_timeout(4_000)
    await page.goto(visit.url("/review/ledger"))
    await expect(page.locator("#verdict")).to_have_text("✓ Sổ nguyên vẹn", timeout=30_000)
    assert matter.incident


async def covered(page: Page) -> bool:
    """Whether a checkpoint covers everything that the page shows, as the page itself says."""
    last = await page.locator("table.course tbody tr").last.get_attribute("id")
    size = await page.locator("#seal").get_attribute("data-covered")
    return int(size or 0) > int((last or "e0").removeprefix("e"))

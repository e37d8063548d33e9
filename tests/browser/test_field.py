"""The field's page on a phone: a first report, what became of it, corrections, nil reports, and whose it all is."""

import json
from typing import Any, Final

from playwright.async_api import Page, expect

from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Photograph, Visits
from tests.browser.phones import (
    GATE,
    SCREEN,
    choose_category,
    choose_place,
    incident,
    line_of,
    on_record,
    opened,
    phone,
    send_fire,
)

MOST_BYTES: Final = 2_000
FORBIDDEN: Final = "Cháy \u202erừng"
"""A character that turns the reading direction round can make a text say something else."""


def _sent(page: Page) -> list[dict[str, Any]]:
    """Every report that leaves the page from now on."""
    bodies: list[dict[str, Any]] = []
    page.on("request", lambda one: bodies.append(json.loads(one.post_data or "{}")) if one.method == "PUT" else None)
    return bodies


async def test_a_unit_reports_a_forest_fire_and_sees_how_far_it_got(visit: Visits, photograph: Photograph) -> None:
    """Fails when a first report takes more than category and place, or when its ladder does not come back."""
    page = await opened(visit, await phone(visit))
    bodies, form = _sent(page), incident(page)

    await form.locator("[name=status]").select_option("Exercise")
    await choose_category(page, "chay rung")
    await choose_place(form, "rung xuan luong")
    await form.locator("[data-act=position]").click()
    await expect(form.locator(".chosen li")).to_have_count(2)
    await page.evaluate("scrollTo(0, 0)")
    await photograph(page, "field-report")
    await form.locator(".send").click()

    headline = "Cháy rừng, Rừng Xuân Lương"
    await on_record(page, headline)
    line = line_of(page, headline)
    await line.locator("summary").click()
    await expect(line.locator(".rungs li").first).to_contain_text("CHỦ TRÌ", timeout=60_000)
    await photograph(page, "field-sent")
    (body,) = bodies
    assert (body["category"], body["sender"]["unit"]) == ("FOR-FIRE", "tram-xuan-luong")
    assert body["places"][1] == {"kind": "point", "lat": 21.5241, "lon": 106.1533, "accuracy_m": 13}


async def test_a_full_report_fits_two_kilobytes_and_keeps_no_telephone_number(visit: Visits) -> None:
    """Fails when a report costs more than a weak line carries, or when a person's number stays on the phone."""
    page = await opened(visit, await phone(visit))
    bodies, form = _sent(page), incident(page)
    await form.locator("[name=status]").select_option("Exercise")
    await choose_category(page, "sat lo")
    await choose_place(form, "xuan luong")
    await form.locator("[data-act=position]").click()
    await expect(form.locator(".chosen li")).to_have_count(2)
    for fold in await form.locator("details.more summary").all():
        await fold.click()
    for name in ("description", "methane.hazards", "methane.access", "measures_taken", "forecast"):
        await form.locator(f"[name='{name}']").fill("Đất đá lấp đường, còn mưa to, dân đang tự sơ tán lên nhà văn hóa.")
    await form.locator("[name='methane.services_required']").fill("Xe cẩu\nXuồng máy")
    for of in ("dead", "missing", "injured", "trapped"):
        await form.locator(f"[data-count={of}]").fill("2")
    await form.locator("[name=contact]").fill("Ông Nam, 0912 345 678")
    await form.locator("[data-opens=oral]").check()
    await form.locator("[name='oral.at']").fill("2026-11-22T05:00")
    await form.locator("[name='oral.to']").fill("Trực ban huyện")

    await form.locator(".send").click()
    await expect(page.locator("#sent li.receipt[data-outcome=stored]")).to_have_count(1)

    (body,) = bodies
    assert len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) <= MOST_BYTES
    assert body["oral"] == {"at": "2026-11-22T05:00:00+07:00", "channel": "phone", "to": "Trực ban huyện"}
    assert body["personal"] == [{"kind": "contact", "value": "Ông Nam, 0912 345 678"}]
    assert "0912" not in await page.evaluate(_EVERYTHING_KEPT)


_EVERYTHING_KEPT: Final = """() => new Promise((resolve) => {
  indexedDB.open("phoihop-field").onsuccess = (event) => {
    const all = event.target.result.transaction("reports").objectStore("reports").getAll();
    all.onsuccess = () => resolve(JSON.stringify(all.result));
  };
})"""


async def test_what_is_missing_is_said_before_anything_is_kept(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))

    await incident(page).locator(".send").click()

    problems = incident(page).locator(".problems li")
    await expect(problems).to_have_count(2)
    await problems.first.get_by_role("button").click()
    await expect(incident(page).locator(".categories input[type=search]")).to_be_focused()
    await expect(page.locator("#sent li.receipt")).to_have_count(0)


async def test_a_refused_report_shows_code_field_and_fix_and_is_mended(visit: Visits) -> None:
    """Fails when a refusal leaves somebody in the field without knowing what to change."""
    page = await opened(visit, await phone(visit))
    bodies = _sent(page)

    await send_fire(page, FORBIDDEN)
    refused = page.locator("#sent li.receipt[data-outcome=refused]")
    await expect(refused.locator(".problems li")).to_contain_text("text.forbidden_character headline")
    await expect(refused.locator(".problems strong")).not_to_be_empty()
    await refused.get_by_role("button", name="Sửa và gửi lại").click()
    headline = incident(page).locator("[name=headline]")
    await expect(headline).to_have_attribute("aria-invalid", "true")
    await headline.fill("Cháy rừng đã sửa")
    await incident(page).locator(".send").click()

    await on_record(page, "Cháy rừng đã sửa")
    first, mended = bodies
    assert mended["report"] == first["report"], "nothing stands under a refused id, so it is kept"
    await expect(page.locator("#sent li.receipt")).to_have_count(1)


async def test_a_unit_corrects_and_withdraws_its_own_report_by_later_ones(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))
    bodies = _sent(page)
    await send_fire(page, "Cháy ở lô 3")
    await on_record(page, "Cháy ở lô 3")

    await line_of(page, "Cháy ở lô 3").get_by_role("button", name="Đính chính").click()
    await incident(page).locator("[name=headline]").fill("Cháy ở lô 5")
    await incident(page).locator(".send").click()
    await on_record(page, "Cháy ở lô 5")
    await line_of(page, "Cháy ở lô 5").get_by_role("button", name="Rút báo cáo").click()
    await incident(page).locator(".send").click()
    await on_record(page, "Rút: Cháy ở lô 5")

    first, correction, withdrawal = bodies
    assert (correction["msg_type"], correction["references"]) == ("Update", [first["report"]])
    assert (withdrawal["msg_type"], withdrawal["references"]) == ("Cancel", [correction["report"]])
    assert correction["places"] == first["places"]
    assert len({body["report"] for body in bodies}) == 3


async def test_what_goes_on_is_reported_to_the_incident_the_first_report_opened(visit: Visits) -> None:
    """Fails when a situation report from the field does not reach the incident it is about."""
    page = await opened(visit, await phone(visit))
    bodies = _sent(page)
    await send_fire(page, "Cháy lan về phía đông")
    await on_record(page, "Cháy lan về phía đông")
    follow = line_of(page, "Cháy lan về phía đông").get_by_role("button", name="Báo diễn biến tiếp")
    await follow.click(timeout=60_000)
    form = page.locator("form[data-type=situation]")

    await form.locator("[name=headline]").fill("Đã khoanh được đám cháy")
    await form.locator("[data-count=evacuated]").fill("12")
    await form.locator(".send").click()

    await on_record(page, "Đã khoanh được đám cháy")
    situation = bodies[-1]
    assert (situation["type"], situation["status"]) == ("situation", "Exercise")
    assert situation["counts"][0]["value"] == 12
    assert situation["incident"]
    assert "window" not in situation


async def test_nothing_new_is_a_report_in_two_touches(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))
    bodies = _sent(page)

    await page.locator("[data-act=nil]").click()
    await page.locator("form[data-type=situation] .send").click()

    await on_record(page, "Không phát sinh")
    (body,) = bodies
    assert (body["type"], body["nil"]) == ("situation", True)
    assert body["window"]["since"] < body["window"]["until"]
    assert "counts" not in body


async def test_a_phone_that_changes_hands_shows_and_sends_nothing_of_the_unit_before(visit: Visits) -> None:
    """Fails when a unit sees, or sends in its own name, what another unit wrote on the same phone."""
    context = await phone(visit)
    page = await opened(visit, context)
    await send_fire(page, "Của trạm Xuân Lương")
    await on_record(page, "Của trạm Xuân Lương")
    await context.route("**/v1/reports/*", lambda route: route.abort())
    await send_fire(page, "Chưa gửi của trạm")
    await page.close()
    await context.clear_cookies()
    other = await phone(visit, GATE)
    await context.add_cookies(await other.cookies())  # type: ignore[arg-type]  # what one gives the other takes
    await context.unroute("**/v1/reports/*")

    page = await opened(visit, context)
    bodies = _sent(page)

    await expect(page.locator("#unit")).to_contain_text("Đắk Wil")
    await expect(page.locator("#others")).to_be_visible()
    await send_fire(page, "Của trạm kiểm soát", "dak wil")
    await on_record(page, "Của trạm kiểm soát")
    await expect(page.locator("#sent li.receipt")).to_have_count(1)
    assert [body["headline"] for body in bodies] == ["Của trạm kiểm soát"]


async def test_everything_can_be_done_with_a_keyboard(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))
    await incident(page).locator("[name=status]").select_option("Exercise")  # no incident for others to run into
    await page.evaluate("document.querySelector('form[data-type=incident] [name=urgency_mark]').focus()")
    await page.keyboard.press("ArrowDown")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type("rung xuan luong")
    await page.keyboard.press("Enter")
    await _tab_to(page, "summary")
    await page.keyboard.press("Tab")
    await page.keyboard.type("chay rung")
    await page.keyboard.press("Enter")
    await _tab_to(page, "button.send")
    await page.keyboard.press("Enter")

    await on_record(page, "Cháy rừng, Rừng Xuân Lương")


async def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


async def test_every_part_is_accessible_on_the_narrowest_phones(visit: Visits) -> None:
    """Fails on any violation of WCAG 2.2 AA, and when anything needs scrolling sideways at 320 px."""
    context = await phone(visit)
    page = await opened(visit, context)
    await incident(page).locator(".send").click()
    await assert_accessible(page)
    await send_fire(page, "Cháy ở lô 7")
    await on_record(page, "Cháy ở lô 7")
    await assert_accessible(page)
    await page.locator("[data-show=situation]").click()
    await assert_accessible(page)

    for width in (320, SCREEN["width"], 430):
        await page.set_viewport_size({"width": width, "height": 740})
        for section in ("incident", "situation", "sent"):
            await page.locator(f"[data-show={section}]").click()
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (section, width)


async def test_it_can_be_installed(visit: Visits) -> None:
    page = await opened(visit, await phone(visit))

    session = await page.context.new_cdp_session(page)
    told = await session.send("Page.getInstallabilityErrors")

    errors = [error["errorId"] for error in told["installabilityErrors"]]
    assert errors in ([], ["in-incognito"]), errors

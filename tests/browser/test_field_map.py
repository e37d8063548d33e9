"""Pointing at a place on the deployment's own map, with a finger and with keys, and once more without a net."""

import json

import pytest
from playwright.async_api import expect

from tests.browser.accessible import assert_accessible
from tests.browser.conftest import Visits
from tests.browser.phones import choose_category, incident, on_record, opened, phone


async def test_a_place_is_pointed_at_on_the_deployments_own_map(visit: Visits) -> None:
    """Fails when the report names another place than the one under the finger, or the map is gone without a net."""
    context = await phone(visit)
    await context.set_geolocation({"latitude": 15.05, "longitude": 112.05, "accuracy": 12})
    page = await opened(visit, context)
    form, told = incident(page), page.locator("#map [role=status]")
    await form.locator("[name=status]").select_option("Exercise")
    await choose_category(page, "chay rung")
    await form.locator("[data-act=position]").click()
    await expect(form.locator(".chosen li")).to_have_count(1)
    await form.locator("[data-act=map]").click()
    await expect(told).to_contain_text("15.05000, 112.05000")
    await assert_accessible(page)

    ground = await page.locator("#map .ground[data-concerned]").bounding_box()
    assert ground is not None
    await page.touchscreen.tap(ground["x"] + ground["width"] / 4, ground["y"] + ground["height"] * 3 / 4)
    await expect(told).to_contain_text("15.02")
    await page.locator("#map [data-act=closer]").click()
    await expect(page.locator("#map .ground[data-concerned]")).to_have_count(0)
    await expect(told).to_contain_text("15.02")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page.locator("#map")).to_be_hidden()
    await expect(form.locator(".chosen li")).to_contain_text("15.02")
    await context.set_offline(True)
    await form.locator("[data-act=map]").click()
    await expect(told).to_contain_text("bản đồ lấy về lần trước")
    await page.locator("#map [data-act=close]").click()
    await context.set_offline(False)
    await form.locator("[name=headline]").fill("Cháy ở nơi đã chỉ")
    async with page.expect_request(lambda one: one.method == "PUT") as handed_in:
        await form.locator(".send").click()
    await on_record(page, "Cháy ở nơi đã chỉ")
    (point,) = json.loads((await handed_in.value).post_data or "{}")["places"]
    assert (point["lat"], point["lon"]) == pytest.approx((15.025, 112.025), abs=0.002)
    assert 100 < point["accuracy_m"] < 400, "as wide as a finger on the nearer sheet"

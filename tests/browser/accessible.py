"""Holds a page to WCAG 2.2 AA, in both themes; axe comes with a package for tests and is never shipped."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SETTLED: Final = 200
"""Milliseconds in which the colours of buttons change."""
_WEAR: Final = "theme => { document.documentElement.dataset.theme = theme }"


async def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA, in the light theme and in the dark one."""
    await page.evaluate(AXE_SCRIPT)
    chosen = await page.evaluate("document.documentElement.dataset.theme")
    found = []
    for theme in ("light", "dark"):
        await page.evaluate(_WEAR, theme)
        await page.wait_for_timeout(SETTLED)
        result = await page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
        found += [_told(theme, violation) for violation in result["violations"]]
    await page.evaluate(_WEAR, chosen)
    assert not found, "\n".join(found)


def _told(theme: str, violation: dict[str, Any]) -> str:
    where = "; ".join(f"{node['target']} {node['failureSummary'].splitlines()[-1]}" for node in violation["nodes"][:3])
    return f"{theme}: {violation['id']}: {violation['help']}: {where}"

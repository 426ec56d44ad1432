"""axe-core, run in a page of a test's browser: what it finds that would shut somebody out."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")


@cache
def _script() -> str:
    assert SCRIPT.exists(), "axe-core is not installed: run make tools"
    return SCRIPT.read_text(encoding="utf-8")


async def grave(page: Page) -> list[str]:
    """Every serious or critical issue of the page as it stands, with the element it is about."""
    await page.evaluate(_script())  # past the policy: no script of a page could get in like this
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe looked at nothing"
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]

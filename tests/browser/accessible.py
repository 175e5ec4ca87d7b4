"""A page as it stands, on a desk and on a phone: no violation that axe knows of, and nothing wider than the window."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.journey import DESK, PHONE, Journey


def require_accessible(tab: Journey, heading: str) -> None:
    """Fail unless the page with this heading is in order at both widths."""
    tab.page.mouse.move(0, 0)  # the design system takes a link's underline away under the pointer
    for width, height in (DESK, PHONE):
        tab.page.set_viewport_size({"width": width, "height": height})
        expect(tab.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        found = tab.violations()
        assert found == [], f"{width} pixels wide: {found}"
        assert tab.overflow() <= 0, f"{width} pixels wide"
    tab.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})

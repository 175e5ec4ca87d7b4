"""A page without a mouse: reaching a control by Tab alone."""

from __future__ import annotations

from playwright.sync_api import Page

MOST_TABS = 60


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus; fail when it is never reached."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if " ".join(page.evaluate(_NAME_OF_FOCUSED).split()) == name:
            return
    raise AssertionError(f"{name!r} cannot be reached by Tab")


_NAME_OF_FOCUSED = """() => {
    const it = document.activeElement;
    return it.getAttribute("aria-label") ?? it.labels?.[0]?.innerText ?? it.innerText ?? "";
}"""

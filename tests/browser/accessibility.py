"""axe over a page, by the rules of WCAG 2.2 AA, with an answer one can read."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: All that a colour scheme can change of what axe looks at.
COLOURS = ["color-contrast", "link-in-text-block"]
#: All that another width can change: what is shown, where it lies, and what is there to press.
LAYOUT = ["target-size", "scrollable-region-focusable", "button-name", "link-name", "label", "select-name"]


def assert_accessible(page: Any, *, colours_only: bool = False, phone: bool = False) -> None:
    """Fails with one paragraph a rule: what is wrong, where, and what would mend it.

    On a page that passed in light on a desktop, `colours_only` looks at what another colour scheme changes, and
    `phone` at what another width changes besides.
    """
    settle(page)
    only = {"type": "tag", "values": RULES}
    if colours_only or phone:
        only = {"type": "rule", "values": [*COLOURS, *(LAYOUT if phone else [])]}
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    options = {"runOnly": only, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    assert not found, "\n\n".join([f"axe on {page.url}", *map(_told, found)])


def settle(page: Any) -> None:
    """Wait until a change of scheme or size is painted."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def assert_fits(page: Any) -> None:
    """Nothing sticks out of the page sideways; what is wider scrolls in a box of its own."""
    wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const scrolls = (node) => node && node !== document.body
                && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
            return [...document.body.querySelectorAll("*")]
                .filter((node) => node.getBoundingClientRect().right > width + 1 && !scrolls(node.parentElement))
                .slice(0, 5).map((node) => node.outerHTML.slice(0, 160))
                .concat(`page ${document.documentElement.scrollWidth} wide in ${width}`);
        }"""
    )
    assert not wide, f"{page.url} scrolls sideways:\n" + "\n".join(wide)


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    places = [f"  {' '.join(map(str, node['target']))}\n    {node['html'][:160]}" for node in nodes[:4]]
    more = [f"  and {len(nodes) - 4} more"] if len(nodes) > 4 else []
    remedy = "  " + nodes[0]["failureSummary"].replace("\n", "\n  ")
    return "\n".join([f"{violation['id']}: {violation['help']}", *places, *more, remedy])

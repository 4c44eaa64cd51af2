"""What keeps people from using a page: axe-core's rules, and what a screen reader is given."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

WEIGHTY = ("serious", "critical")
RUN = "axe.run(document).then(arguments[0], error => arguments[0]({error: String(error)}))"
NAMED = ("image", "img", "graphics-document", "canvas", "tab", "DisclosureTriangle")  # the last: <summary>


@cache
def axe() -> str:
    """The script, as the package brings it."""
    return files("selenium_axe_python").joinpath("axe-core", "axe.min.js").read_text(encoding="utf-8")


def problems(browser: Any) -> list[str]:
    """Serious and critical violations on the page that is open, a line for each element."""
    browser.execute_script(axe())
    found = browser.execute_async_script(RUN)
    assert "error" not in found, found["error"]
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))} ({node['failureSummary']})"
        for violation in found["violations"]
        if violation["impact"] in WEIGHTY
        for node in violation["nodes"]
    ]


def tree(browser: Any) -> list[dict[str, Any]]:
    """What a screen reader is given of the page, in its order: role, name and properties of each node."""
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            **{each["name"]: each["value"].get("value") for each in node.get("properties", [])},
        }
        for node in nodes
        if not node["ignored"]
    ]


def nameless(browser: Any) -> list[dict[str, Any]]:
    """Images, tabs and summaries without a name."""
    return [node for node in tree(browser) if node["role"] in NAMED and not node["name"].strip()]


def skipped(browser: Any) -> list[tuple[int, int]]:
    """Headings that are more than a level below the one before: the levels of both; the first has to be of level 1."""
    levels = [0, *(int(node["level"]) for node in tree(browser) if node["role"] == "heading")]
    return [(one, other) for one, other in pairwise(levels) if other > one + 1]

"""The report of a search in a real browser: on a wide screen and on a phone, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from accessibility import nameless, problems, skipped
from browsers import SIZES, browser, pytestmark, show
from searches import varied

from nnexp.searches.render.html import written
from nnexp.study.objectives import VALIDATION

__all__ = ["browser", "pytestmark"]

SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALLEST = """
const texts = [...document.querySelectorAll('figure svg text')].filter(text => text.textContent.trim())
return Math.min(...texts.map(text => text.getBoundingClientRect()).map(box => Math.min(box.height, box.width * 9)))
"""
READABLE = 9  # pixels high, of a line of text


@pytest.fixture(scope="module", params=[(VALIDATION,), (VALIDATION, "train_seconds")], ids=["one", "two"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("search") / "report.html"
    page.write_text(str(written(varied(30, objectives=request.param))["report.html"]), encoding="utf-8")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits_and_its_charts_are_readable_for_everyone(
    report: Path, browser: Any, size: str, scheme: str
) -> None:
    show(browser, size, scheme)
    browser.get(report.as_uri())
    assert browser.execute_script(SIDEWAYS) == 0
    assert browser.execute_script(SMALLEST) >= READABLE
    assert problems(browser) == []
    assert nameless(browser) == []
    assert skipped(browser) == []
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []

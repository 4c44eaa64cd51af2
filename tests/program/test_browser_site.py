"""The site's pages, in a browser, keep nobody from using them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from accessibility import problems, skipped
from browsers import SIZES, browser, pytestmark, show
from pages import ROOT
from running import PATIENCE, environment

__all__ = ["browser", "pytestmark"]

PAGES = ("index", "conf/README", "experiments/README", "experiments/first-sweep", "scripts/site/python", "search")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages; notebooks without what their cells print."""
    folder = tmp_path_factory.mktemp("site")
    words = ["-m", "sphinx", "--quiet", "-D", "nb_execution_mode=off", "-c", "scripts/site", "-d", str(folder / "read")]
    made = [sys.executable, *words, ".", str(folder / "pages")]
    ran = subprocess.run(
        made, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return folder / "pages"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_keeps_people_from_using_a_page(site: Path, browser: Any, page: str, size: str, scheme: str) -> None:
    show(browser, size, scheme)
    browser.get((site / f"{page}.html").as_uri())
    assert problems(browser) == []
    assert skipped(browser) == []


def test_a_number_in_a_table_stays_in_one_line(site: Path) -> None:
    assert '<td class="number"><p>97.76 ± 0.17 %</p></td>' in (site / "experiments" / "README.html").read_text("utf-8")

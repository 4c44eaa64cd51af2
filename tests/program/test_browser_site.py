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
from processes import wait_until
from running import PATIENCE, environment

__all__ = ["browser", "pytestmark"]

PAGES = ("index", "conf/README", "experiments/README", "experiments/first-sweep", "scripts/site/python", "search")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages; of the notebooks' cells, those of the first sweep are run."""
    folder = tmp_path_factory.mktemp("site")
    left_out = "nb_execution_excludepatterns=experiments/first-run*,experiments/from-*"
    words = ["-m", "sphinx", "--quiet", "-D", left_out, "-c", "scripts/site", "-d", str(folder / "read")]
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


def test_a_button_copies_commands_without_what_is_said_of_them(site: Path, browser: Any) -> None:
    from selenium.webdriver import ActionChains

    show(browser, "wide", "light")
    browser.get((site / "nnexp/runner/README.html").as_uri())
    browser.execute_script("addEventListener('copy', () => { copied = document.activeElement.value })")
    wait_until(lambda: browser.find_elements("class name", "copybtn"))
    assert browser.find_elements("css selector", ".highlight-none")
    assert not browser.find_elements("css selector", ".highlight-none .copybtn")
    again = next(each for each in browser.find_elements("class name", "highlight-sh") if "verify" in each.text)
    ActionChains(browser).move_to_element(again.find_element("class name", "copybtn")).click().perform()
    assert [line.rstrip() for line in browser.execute_script("return copied").splitlines()] == [
        "python -m nnexp.run resume=never",
        "python -m nnexp.run resume=require",
        "nnexp rerun d8396f9e",
        "nnexp verify d8396f9e",
    ]

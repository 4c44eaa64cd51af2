"""The report of a sweep in a real browser: its charts, and its words on a wide screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessibility import nameless, problems, skipped, tree
from browsers import SIZES, browser, pytestmark, show
from running import give_store, run_nnexp

__all__ = ["browser", "pytestmark"]

SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALLEST = """
const texts = [...document.querySelectorAll('figure svg text')].filter(text => text.textContent.trim())
return Math.min(...texts.map(text => text.getBoundingClientRect()).map(box => Math.min(box.height, box.width * 9)))
"""
COLOURS = """
const of = element => getComputedStyle(element)
const text = document.querySelector('figure svg text')
return [of(document.body).backgroundColor, of(document.body).color, of(text).fill]
"""
VISIBLE = """
const texts = [...document.querySelectorAll('figure svg .said')]
return texts.filter(text => getComputedStyle(text).visibility === 'visible').map(text => text.textContent)
"""
LEFT = """
const cells = ['th', 'td:last-child'].map(cell => document.querySelector('#settings tbody ' + cell))
return cells.map(cell => cell.getBoundingClientRect().left)
"""
READABLE = 9  # pixels high, of a line of text


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the report that a sweep over two settings and three seeds has kept on its summary."""
    folder = give_store(tmp_path_factory.mktemp("report"))
    words = ("experiments=quick", "epochs=4", "eta=0.5,1,3", "cost=quadratic,cross_entropy", "seed=0,1,2")
    done = run_nnexp(folder, "-m", *words)
    assert done.returncode == 0, done.stderr
    (page,) = folder.glob("mlruns/*/*/artifacts/report.html")
    return page.as_uri()


@pytest.fixture(params=[(size, scheme) for size in SIZES for scheme in ("light", "dark")], ids="-".join)
def page(report: str, browser: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """The browser with the report open, and the colour scheme; a picture of it is left in the folder."""
    size, scheme = request.param
    show(browser, size, scheme)
    browser.get(report)
    browser.save_screenshot(str(tmp_path / f"{size}-{scheme}.png"))
    yield browser, scheme
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_report_is_all_there_and_readable(page: tuple[Any, str]) -> None:
    browser, scheme = page
    text = browser.execute_script("return document.body.innerText")
    assert "sweep eta-cost-seed" in text
    assert "Test accuracy by epoch; bands are one standard deviation over seeds." in text
    assert "Test accuracy depending on eta and cost; the bluer, the better." in text
    assert (
        "Explained variance of the test accuracy (analysis of variance): the rest is what no setting explains" in text
    )
    assert "Confusion matrix of the best run" in text
    assert "python -m nnexp.run 'sizes=[64,30,10]'" in text
    assert len(browser.find_elements("css selector", "figure svg")) == 3
    assert len(browser.find_elements("css selector", ".confusion tbody td")) == 100
    assert browser.execute_script(SIDEWAYS) == 0
    assert browser.execute_script(SMALLEST) >= READABLE
    ground, ink, drawn = browser.execute_script(COLOURS)
    assert (brightness(ground) < 128) == (scheme == "dark")
    assert abs(brightness(ground) - brightness(ink)) > 150
    assert drawn == ink
    assert problems(browser) == []
    assert nameless(browser) == []
    assert skipped(browser) == []


def test_a_screen_reader_is_given_each_chart_and_its_marks(report: str, browser: Any) -> None:
    show(browser, "wide", "light")
    browser.get(report)
    nodes = tree(browser)
    charts = [node["name"] for node in nodes if node["role"] == "group" and node["name"].startswith("sweep ")]
    assert [name.partition(": ")[2] for name in charts] == [
        "test accuracy by epoch",
        "test accuracy by setting",
        "explained variance",
    ]
    marks = [node["name"] for node in nodes if node["role"] == "image"]
    assert any(name.startswith("epoch 4: eta=3 cost=") for name in marks)
    assert any(name.startswith("eta=0.5 cost=quadratic: ") for name in marks)


def test_tab_leads_to_a_chart_and_arrow_keys_from_mark_to_mark(report: str, browser: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, "wide", "light")
    browser.get(report)
    browser.execute_script("document.querySelector('figure svg [tabindex=\"0\"]').focus()")
    names = [browser.switch_to.active_element.get_attribute("aria-label")]
    for _ in range(2):
        browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        names.append(browser.switch_to.active_element.get_attribute("aria-label"))
    assert len(set(names)) == 3
    shown = browser.execute_script(VISIBLE)
    assert shown == [names[-1]]
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.execute_script("return document.querySelector('figure').contains(document.activeElement)") is False


def test_a_table_that_is_too_wide_keeps_its_first_column(report: str, browser: Any) -> None:
    show(browser, "narrow", "light")
    browser.get(report)
    before = browser.execute_script(LEFT)
    browser.execute_script("document.querySelector('#settings').parentElement.scrollLeft = 200")
    assert browser.execute_script(LEFT) == [before[0], before[1] - 200]


def test_images_are_light_on_dark_in_the_dark_alone(report: str, browser: Any) -> None:
    filters = []
    for scheme in ("light", "dark"):
        show(browser, "wide", scheme)
        browser.get(report)
        filters.append(browser.execute_script("return getComputedStyle(document.images[0]).filter"))
    assert filters == ["none", "invert(1)"]


def test_images_that_one_network_gets_right_are_drawn(report: str, browser: Any) -> None:
    show(browser, "wide", "light")
    browser.get(report)
    widths = browser.execute_script("return [...document.images].map(image => image.naturalWidth)")
    assert widths
    assert set(widths) == {8}


def brightness(colour: str) -> float:
    """Of `rgb(28, 28, 30)`, from 0 to 255."""
    red, green, blue = (float(number) for number in colour.partition("(")[2].strip(")").split(",")[:3])
    return 0.3 * red + 0.6 * green + 0.1 * blue

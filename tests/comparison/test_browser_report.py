"""The report of a sweep in a real browser: its charts, and its words on a wide screen and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
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
    assert "Test accuracy depending on eta and cost." in text
    assert "Explained variance of the test accuracy (analysis of variance)." in text
    assert "Confusion matrix of the best run" in text
    assert "python -m nnexp.run 'sizes=[64,30,10]'" in text
    assert len(browser.find_elements("css selector", "figure svg")) == 3
    assert len(browser.find_elements("css selector", ".confusion td")) == 100
    assert browser.execute_script(SIDEWAYS) == 0
    assert browser.execute_script(SMALLEST) >= READABLE
    ground, ink, drawn = browser.execute_script(COLOURS)
    assert (brightness(ground) < 128) == (scheme == "dark")
    assert abs(brightness(ground) - brightness(ink)) > 150
    assert drawn == ink


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

"""What a person sees in MLflow's UI, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import environment, give_store, run_nnexp

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="needs Chromium and its driver: apt-get install chromium chromium-driver",
    ),
    # selenium leaves the driver's socket to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NAMES = {f"eta={eta} seed={seed}" for eta in (1, 3) for seed in range(6)}  # more than the ten that the UI draws unasked
DRAWN = """
const plots = [...document.querySelectorAll('.js-plotly-plot')]
return Math.max(0, ...plots.map(plot => new Set(plot.data.map(trace => trace.name)).size))
"""

SCROLLED = """
for (const part of document.querySelectorAll('main *')) if (part.scrollHeight > part.clientHeight + 50)
    part.scrollTop = part.scrollHeight
"""
LAYER = """
const image = [...document.querySelectorAll('img')].find(image => decodeURIComponent(image.src).includes('first_layer'))
return image && image.complete && image.naturalWidth ? decodeURIComponent(image.src) : ''
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses that a sweep has printed, at a server that shows them."""
    folder = give_store(tmp_path_factory.mktemp("browser"))
    done = run_nnexp(folder, "-m", "experiments=quick", "epochs=3", "eta=1,3", "seed=range(6)", "sweep.name=seen")
    assert done.returncode == 0, done.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "nnexp.cli", "ui", "--port", str(port)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        wait_for(f"http://127.0.0.1:{port}/health")
        lines = re.findall(r"^(\w+) +http://127.0.0.1:5000(\S+)", done.stdout, re.MULTILINE)
        yield {name: f"http://127.0.0.1:{port}{page}" for name, page in lines}
        os.kill(server.pid, signal.SIGTERM)


def wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address)  # noqa: S310  # our own server
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1400,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(flag)
    options.binary_location = str(shutil.which("chromium"))
    driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    yield driver
    driver.quit()


def seen(browser: Any, address: str, words: set[str], folder: Path, name: str) -> str:
    """The text of the page as soon as all the words are in it; a picture of it is left in the folder."""
    browser.get("about:blank")
    browser.get(address)
    text = ""
    for _ in range(120):
        text = browser.execute_script("return document.body.innerText")
        if all(word in text for word in words):
            break
        time.sleep(0.5)
    time.sleep(1)
    browser.save_screenshot(str(folder / f"{name}.png"))
    return str(text)


def test_the_curves_of_all_runs_are_drawn_with_names_that_tell_them_apart(
    swept: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    text = seen(browser, swept["curves"], {*NAMES, "test_accuracy", "12 matching runs"}, tmp_path, "curves")
    assert all(name in text for name in NAMES)
    assert "test_accuracy" in text
    assert "12 matching runs" in text
    assert browser.execute_script(DRAWN) == len(NAMES)


def test_the_runs_are_compared_side_by_side(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    text = seen(browser, swept["compare"], {*NAMES, "Comparing 12 Runs"}, tmp_path, "compare")
    assert "Comparing 12 Runs" in text
    assert all(name in text for name in NAMES)


def test_the_summary_has_the_table(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    text = seen(browser, swept["summary"], {"validation", "12 new"}, tmp_path, "summary")
    assert "12 new" in text
    assert "Test accuracy is shown, validation accuracy chooses" in text


def test_the_first_layer_is_seen_over_time_with_a_slider(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    run_id = re.findall(r"%22([0-9a-f]{32})%22", swept["compare"])[0]
    page = f"{swept['summary'].partition('/runs/')[0]}/runs/{run_id}/model-metrics"
    seen(browser, page, {"test_accuracy"}, tmp_path, "metrics")
    assert "first_layer+step+0+" in layer_seen(browser, 0)
    browser.find_element(By.CSS_SELECTOR, "[role=slider]").send_keys(Keys.ARROW_RIGHT)
    assert "first_layer+step+1+" in layer_seen(browser, 1)
    browser.save_screenshot(str(tmp_path / "slider.png"))


def layer_seen(browser: Any, step: int) -> str:
    """What the image of the first layer is called that is seen, as soon as it is of this step."""
    name = ""
    for _ in range(60):
        browser.execute_script(SCROLLED)  # a chart is made when it comes into view
        name = str(browser.execute_script(LAYER))
        if f"+step+{step}+" in name:
            break
        time.sleep(0.5)
    return name

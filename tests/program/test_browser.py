"""What a person sees in MLflow's UI, in a real browser."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import browser, pytestmark, show
from processes import free_port, started, wait_until
from running import give_store, run_nnexp
from sweeping import all_in

__all__ = ["browser", "pytestmark"]

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
    """The addresses of a sweep's pages, at a server that shows them."""
    folder = give_store(tmp_path_factory.mktemp("browser"))
    done = run_nnexp(folder, "-m", "experiments=quick", "epochs=3", "eta=1,3", "seed=range(6)", "sweep.name=seen")
    assert done.returncode == 0, done.stderr
    port = free_port()
    with started(folder, "ui", "seen", "--port", str(port), module="nnexp.cli", stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        shown = server.stdout.readline().strip()  # it comes when the server answers
        (summary,) = (run for run in all_in(folder) if "nnexp.summary" in run.data.tags)
        links = re.findall(r"\[(curves|means)\]\((\S+)\)", summary.data.tags["mlflow.note.content"])
        addresses = {name: f"http://127.0.0.1:{port}/{page}" for name, page in links}
        assert shown == addresses["means"]
        run = next(folder.glob("mlruns/*/*/artifacts/weights.npz")).parent.parent.name
        runs, question, mode = shown.partition("&")[0].partition("?")
        addresses |= {"run": f"{runs}/{run}", "summary": f"{runs}/{summary.info.run_id}{question}{mode}"}
        yield addresses | {"all": f"{runs}{question}{mode}&viewStateShareKey=all"}


def seen(browser: Any, address: str, words: set[str], folder: Path, name: str) -> str:
    """The text of the page as soon as all the words are in it; a picture of it is left in the folder."""
    browser.get("about:blank")
    browser.get(address)
    text = ""

    def complete() -> bool:
        nonlocal text
        text = str(browser.execute_script("return document.body.innerText"))
        return all(word in text for word in words)

    try:
        wait_until(complete, f"{words} on the page")
    finally:
        time.sleep(1)
        browser.save_screenshot(str(folder / f"{name}.png"))
    return text


def test_the_curves_of_all_runs_are_drawn_with_names_that_tell_them_apart(
    swept: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    text = seen(browser, swept["curves"], {*NAMES, "test_accuracy", "12 matching runs"}, tmp_path, "curves")
    assert all(name in text for name in NAMES)
    assert "test_accuracy" in text
    assert "12 matching runs" in text
    wait_until(lambda: browser.execute_script(DRAWN) == len(NAMES), f"{len(NAMES)} curves are drawn")


HEADERS = """
const cells = [...document.querySelectorAll('.ag-header-cell')].map(cell => [cell.getBoundingClientRect().left, cell])
return cells.sort((one, other) => one[0] - other[0]).map(([_, cell]) => cell.getAttribute('col-id'))
"""
COLORS = """
const traces = document.querySelector('.js-plotly-plot')._fullData
return Object.fromEntries(traces.map(trace => [trace.name, trace.line.color]))
"""


def test_the_first_chart_is_of_test_accuracy_and_seeds_share_a_colour(
    swept: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    text = seen(browser, swept["curves"], {*NAMES, "test_accuracy", "validation_accuracy"}, tmp_path, "first_chart")
    charts = text.partition("Add chart")[2].split()
    assert charts[0] == "test_accuracy"
    wait_until(lambda: browser.execute_script(DRAWN) == len(NAMES), f"{len(NAMES)} curves are drawn")
    colors = browser.execute_script(COLORS)
    assert len({colors[f"eta=1 seed={seed}"] for seed in range(6)}) == 1
    assert len({colors[f"eta={eta} seed=0"] for eta in (1, 3)}) == 2


def test_seeds_are_averaged_by_setting(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    names = {"eta=1 (test_accuracy)", "eta=3 (test_accuracy)"}
    text = seen(browser, swept["means"], {*names, "validation_accuracy"}, tmp_path, "means")
    assert "Group by: setting.seen" in text
    assert browser.execute_script(DRAWN) < len(NAMES)


LINES = """
const plots = [...document.querySelectorAll('.js-plotly-plot')]
return plots.length ? plots[0]._fullData.map(trace => trace.line.color) : []
"""


def test_means_have_the_colours_of_their_runs(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    seen(browser, swept["means"], {"eta=1 (test_accuracy)", "eta=3 (test_accuracy)"}, tmp_path, "colours")
    blue_and_red = {"#2272b4", "#e65b77"}  # the UI's own
    wait_until(lambda: blue_and_red <= set(browser.execute_script(LINES)), "the means in their colours")


WIDTHS = "return [...document.querySelectorAll('.js-plotly-plot')].map(plot => plot.clientWidth)"


def test_charts_are_wide_enough_to_be_read(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    show(browser, "wide", "light")
    seen(browser, swept["means"], {"eta=1 (test_accuracy)"}, tmp_path, "wide")
    assert min(browser.execute_script(WIDTHS)) > 500
    seen(browser, swept["curves"], {*NAMES, "test_accuracy"}, tmp_path, "beside_the_runs")
    assert min(browser.execute_script(WIDTHS)) > 300


def test_what_differs_and_the_accuracies_are_columns(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    for page in (swept["curves"].replace("&compareRunsMode=CHART", ""), swept["all"]):
        text = seen(browser, page, {*NAMES, "best_validation_accuracy"}, tmp_path, "columns")
        columns = browser.execute_script(HEADERS)
        assert columns[3:6] == ["params.`eta`", "params.`seed`", "metrics.`best_validation_accuracy`"]
        assert "Model registry" in text  # of the mode for training
        assert "Prompts" not in text  # of the mode for language models
        assert "sweep seen" not in text.split("Run Name")[1]  # the summary is not among the runs


def test_the_experiments_plain_page_has_a_note_that_leads_on(
    swept: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    plain = swept["all"].partition("/runs")[0]
    text = seen(browser, plain, {"All runs", "Newest sweep: seen"}, tmp_path, "plain")
    assert "on validation" in text
    links = browser.execute_script("return [...document.querySelectorAll('a')].map(link => link.href)")
    assert swept["means"] in links
    assert swept["summary"] in links
    assert swept["all"] in links


def test_the_list_of_experiments_describes_it_in_words(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    page = f"{swept['all'].partition('#')[0]}#/experiments?workflowType=machine_learning"
    text = seen(browser, page, {"Newest sweep: seen"}, tmp_path, "list")
    assert "<!--" not in text


PICTURE = """
const image = [...document.querySelectorAll('img')].find(image => image.src.includes('learning_curves'))
return Boolean(image && image.naturalWidth > 300)
"""


def test_the_summary_has_the_verdict_its_report_a_picture_and_the_table(
    swept: dict[str, str], browser: Any, tmp_path: Path
) -> None:
    text = seen(browser, swept["summary"], {"validation", "12 jobs"}, tmp_path, "summary")
    assert "12 jobs: 12 trained by this command." in text
    (first,) = [line for line in text.splitlines() if line.endswith("report · curves · means")]
    assert "eta=" in first
    wait_until(lambda: browser.execute_script(PICTURE), "the picture of the learning curves")
    assert "validation accuracy chooses, test accuracy is reported" in text
    assert "beats eta=" in text or "can't tell" in text


def test_the_first_layer_is_seen_over_time_with_a_slider(swept: dict[str, str], browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    seen(browser, f"{swept['run']}/model-metrics", {"test_accuracy"}, tmp_path, "metrics")
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

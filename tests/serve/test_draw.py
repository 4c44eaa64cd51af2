"""A person who draws on the page of `nnexp serve`, in a real browser, by mouse, pen and finger."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accessibility import nameless, problems, skipped
from browsers import SIZES, browser, pytestmark, show
from processes import free_port, started, wait_until
from running import give_store, run_nnexp

__all__ = ["browser", "pytestmark"]

DIGITS = {  # strokes of points, in hundredths of the pad
    0: ["50,20 35,27 30,50 36,74 50,80 65,73 70,50 64,27 50,20"],
    1: ["52,18 50,50 48,82"],
    2: ["32,32 40,20 56,19 66,30 62,45 45,63 30,79 50,78 72,78"],
    3: ["33,24 50,18 65,27 60,42 45,48 63,55 67,70 52,81 32,76"],
    4: ["36,20 33,50 45,53 66,50", "66,20 64,50 62,82"],
    7: ["30,23 50,22 70,22 60,45 50,65 44,82"],
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A run of 784-100-30-10, ten epochs, and the page that serves it: its id, folder and address."""
    folder = give_store(tmp_path_factory.mktemp("draw"))
    done = run_nnexp(folder, "sizes=[784,100,30,10]", "epochs=10")
    assert done.returncode == 0, done.stderr
    run_id = re.findall(r"^run +(\w+)", done.stdout, re.MULTILINE)[0]
    ports = str(free_port()), str(free_port())
    words = ("serve", run_id[:8], "--model-port", ports[0], "--port", ports[1])
    with started(folder, *words, module="nnexp.cli", stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        page = server.stdout.readline().split()[-1]
        yield {"run": run_id, "page": page, "pid": str(server.pid)}


@pytest.fixture
def page(served: dict[str, str], browser: Any) -> Iterator[Any]:
    """The page, freshly opened at 1280 pixels; that it logs no error is part of every test."""
    show(browser, "wide", "light")
    browser.get(served["page"])
    wait_until(lambda: bool(browser.find_elements("css selector", "#settings dd")))
    yield browser
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


PAD = """
const pad = document.getElementById("pad")
pad.scrollIntoView({block: "center"})
return pad.getBoundingClientRect().toJSON()
"""


def on_pad(browser: Any, strokes: list[str]) -> list[list[tuple[int, int]]]:
    """Strokes in pixels of the window."""
    box = browser.execute_script(PAD)
    shares = [[[int(number) / 100 for number in point.split(",")] for point in stroke.split()] for stroke in strokes]
    return [
        [(round(box["left"] + x * box["width"]), round(box["top"] + y * box["height"])) for x, y in stroke]
        for stroke in shares
    ]


def draw(browser: Any, strokes: list[str]) -> None:
    """Draw with the mouse."""
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    for stroke in on_pad(browser, strokes):
        actions = ActionBuilder(browser, duration=20)
        actions.pointer_action.move_to_location(*stroke[0]).pointer_down()
        for point in stroke[1:]:
            actions.pointer_action.move_to_location(*point)
        actions.pointer_action.pointer_up()
        actions.perform()


def draw_by_finger(browser: Any, strokes: list[str]) -> None:
    for stroke in on_pad(browser, strokes):
        events = ["touchStart", *["touchMove"] * (len(stroke) - 1)]
        for event, (x, y) in zip(events, stroke, strict=True):
            browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": event, "touchPoints": [{"x": x, "y": y}]})
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def draw_by_pen(browser: Any, strokes: list[str]) -> None:
    for stroke in on_pad(browser, strokes):
        events = ["mousePressed", *["mouseMoved"] * (len(stroke) - 1), "mouseReleased"]
        for event, (x, y) in zip(events, [*stroke, stroke[-1]], strict=True):
            words = {"type": event, "x": x, "y": y, "button": "left", "buttons": 1, "pointerType": "pen"}
            browser.execute_cdp_cmd("Input.dispatchMouseEvent", words | {"clickCount": 1})


def text(browser: Any, name: str) -> str:
    return str(browser.find_element("id", name).text).strip()


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_drawn_by_mouse_gets_the_right_label(page: Any, digit: int) -> None:
    draw(page, DIGITS[digit])
    wait_until(lambda: text(page, "label") == str(digit))
    assert text(page, "spoken").startswith(f"This is a {digit}: ")


@pytest.mark.parametrize("drawn", [draw_by_finger, draw_by_pen])
def test_a_finger_and_a_pen_draw_as_well(page: Any, drawn: Callable[[Any, list[str]], None]) -> None:
    show(page, "narrow", "light")
    drawn(page, DIGITS[3])
    wait_until(lambda: text(page, "label") == "3")
    assert page.execute_script("return scrollX") == 0


COLOURS = """
const canvas = document.querySelector(arguments[0])
const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
const seen = new Set()
for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2])
return seen.size
"""


def lit(browser: Any, name: str) -> int:
    """How many colours a canvas has."""
    return int(browser.execute_script(COLOURS, name))


def test_bars_hidden_units_and_what_is_seen_light_up_and_go_out(page: Any) -> None:
    dark = lit(page, ".layer")
    draw(page, DIGITS[2])
    wait_until(lambda: text(page, "label") == "2")
    assert lit(page, ".layer") > dark + 20
    assert lit(page, "#saw") > 5
    shares = [float(each.text.split()[-2]) for each in page.find_elements("css selector", ".row")]
    assert sum(shares) == pytest.approx(100, abs=1)
    page.find_element("id", "clear").click()
    wait_until(lambda: text(page, "spoken") == "Nothing is drawn yet.")
    assert lit(page, ".layer") == dark


def press(browser: Any, *keys: str) -> None:
    """Press these keys together, then let them go."""
    from selenium.webdriver.common.action_chains import ActionChains

    chain = ActionChains(browser, duration=0)
    for key in keys:
        chain.key_down(key)
    for key in keys:
        chain.key_up(key)
    chain.perform()


def focus(browser: Any, selector: str) -> None:
    """Go to the element by Tab."""
    from selenium.webdriver.common.keys import Keys

    for _ in range(20):
        press(browser, Keys.TAB)
        if browser.execute_script("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_a_digit_is_drawn_by_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    focus(page, "#pad")
    for key, times in ((Keys.ARROW_LEFT, 5), (Keys.SPACE, 1), (Keys.ARROW_RIGHT, 10)):
        for _ in range(times):
            press(page, key)
    for _ in range(6):
        press(page, Keys.ARROW_DOWN, Keys.ARROW_LEFT)
    assert text(page, "pen") == "The pen is down."
    press(page, Keys.SPACE)
    assert text(page, "pen") == "The pen is up."
    wait_until(lambda: text(page, "label") == "7")
    wait_until(lambda: text(page, "served").startswith("It predicts 7 "), seconds=60)
    press(page, Keys.ARROW_DOWN)  # with the pen up, which draws nothing
    assert page.execute_script("return strokes.length") == 1


EDGE = """
const { data } = pen.getImageData(0, 0, pad.width, pad.height), side = pad.width
const at = (x, y) => data[4 * (y * side + x) + 3]
return [...Array(side).keys()].some(i => at(i, 0) || at(i, side - 1) || at(0, i) || at(side - 1, i))
"""


def test_no_stroke_is_cut_at_the_edge(page: Any) -> None:
    draw(page, ["50,50 0,0 99,0 99,99 0,99"])
    assert page.execute_script("return strokes.at(-1).length") >= 5
    assert page.execute_script(EDGE) is False


def test_units_of_every_hidden_layer_are_reached_by_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    draw(page, DIGITS[2])
    wait_until(lambda: text(page, "label") == "2")
    assert len(page.find_elements("css selector", ".layer")) == 2
    focus(page, ".layer")
    press(page, Keys.ARROW_RIGHT)
    wait_until(lambda: text(page, "weights-title").startswith("Right: the weights of hidden unit 2, now at "))
    press(page, Keys.TAB)
    press(page, Keys.ARROW_RIGHT)
    press(page, Keys.ARROW_RIGHT)
    wait_until(lambda: text(page, "weights-title").startswith("This is hidden unit 3 of layer 2, now at "))
    press(page, Keys.TAB)
    assert text(page, "weights-title").startswith("Point at a hidden unit, ")


def test_on_a_touch_screen_a_unit_is_tapped(page: Any) -> None:
    show(page, "narrow", "light")
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.refresh()
    wait_until(lambda: text(page, "weights-title").startswith("Tap a hidden unit "))
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_on_a_touch_screen_nothing_is_said_of_keys_and_what_a_tap_shows_is_beside_it(page: Any) -> None:
    keys = page.find_element("css selector", ".by-keyboard")
    assert keys.is_displayed()
    show(page, "narrow", "light")
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.refresh()
    wait_until(lambda: bool(page.find_elements("css selector", ".layer")))
    assert not page.find_element("css selector", ".by-keyboard").is_displayed()
    tops = [page.find_element("css selector", each).rect["y"] for each in ("#bars", "#saw", "#hidden", "#served")]
    assert tops == sorted(tops)
    page.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_keys_undo_and_clear(page: Any) -> None:
    body = page.find_element("tag name", "body")
    draw(page, DIGITS[1])
    wait_until(lambda: text(page, "label") == "1")
    draw(page, ["10,90 90,90"])
    wait_until(lambda: text(page, "label") != "1")
    body.send_keys("z")
    wait_until(lambda: text(page, "label") == "1")
    body.send_keys("c")
    wait_until(lambda: text(page, "spoken") == "Nothing is drawn yet.")


def test_mlflows_model_server_says_the_same(page: Any) -> None:
    draw(page, DIGITS[7])
    wait_until(lambda: text(page, "served").startswith("It predicts 7 "), seconds=60)
    assert "the same outputs as here" in text(page, "served")


def test_the_weights_of_a_hidden_unit_are_shown_where_it_is_pointed_at(page: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    assert not page.find_element("id", "weights").is_displayed()
    layer = page.find_element("css selector", ".layer")
    left, top = (8 - layer.size[side] // 2 for side in ("width", "height"))
    ActionChains(page).move_to_element_with_offset(layer, left, top).perform()
    wait_until(lambda: "hidden unit 1." in text(page, "weights-title"))
    assert lit(page, "#weights") > 50


def test_one_click_leads_to_the_run_in_mlflows_ui(served: dict[str, str], page: Any) -> None:
    page.find_element("id", "run").click()
    wait_until(lambda: served["run"] in page.current_url, seconds=90)
    wait_until(lambda: "784-100-30-10" in page.execute_script("return document.body.innerText"), seconds=60)
    page.get("about:blank")
    page.get_log("browser")  # MLflow's own


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_everything_fits_and_is_for_everyone_in_light_and_dark(
    page: Any, tmp_path: Path, size: str, scheme: str
) -> None:
    show(page, size, scheme)
    draw(page, DIGITS[3])
    wait_until(lambda: text(page, "label") == "3")
    wait_until(lambda: text(page, "served").startswith("It predicts 3 "), seconds=60)
    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert problems(page) == []
    assert nameless(page) == []
    assert skipped(page) == []
    colours = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", colours)[:3])) < 128) == (scheme == "dark")
    whole = {"x": 0, "y": 0, "width": SIZES[size][0], "scale": 1}
    whole["height"] = page.execute_script("return document.documentElement.scrollHeight")
    picture = page.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": whole})
    folder = Path(os.environ.get("NNEXP_SCREENSHOTS", tmp_path))
    (folder / f"draw-{size}-{scheme}.png").write_bytes(base64.b64decode(picture["data"]))

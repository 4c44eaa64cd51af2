"""Pictures of a page, as it is on a light and on a dark screen, for README.md and other pages.

nnexp compare eta-seed --html report.html
python scripts/screenshots.py report.html .github/report 868    # report-light.png and report-dark.png, 868 pixels high

Needs Debian's Chromium and its driver; tests/browsers.py drives the same.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
COLOURS = 256  # of a picture


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a screen, and with a profile of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.binary_location = str(shutil.which("chromium"))
        driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
        try:
            yield driver
        finally:
            driver.quit()


def show(browser: Any, size: str, scheme: str) -> None:
    """Have the browser be of this size, and prefer light or dark."""
    width, height = SIZES[size]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "narrow"},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


def picture(browser: Any, size: str, height: int) -> bytes:
    """The page that is open, down to that height, as a PNG."""
    clip = {"x": 0, "y": 0, "width": SIZES[size][0], "height": height, "scale": 1}
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    return base64.b64decode(taken["data"])


def main() -> None:
    """Write both pictures."""
    page, name, height = sys.argv[1:]
    with chromium() as browser:
        for scheme in ("light", "dark"):
            show(browser, "wide", scheme)
            browser.get(Path(page).resolve(strict=True).as_uri())
            with Image.open(io.BytesIO(picture(browser, "wide", int(height)))) as image:
                image.convert("RGB").quantize(COLOURS).save(f"{name}-{scheme}.png", optimize=True)


if __name__ == "__main__":
    main()

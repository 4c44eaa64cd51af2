"""The browser that tests look through: Debian's Chromium, without a screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from screenshots import SIZES, chromium, show

__all__ = ["SIZES", "browser", "pytestmark", "show"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="needs Chromium and its driver: apt-get install chromium chromium-driver",
    ),
    # selenium leaves the driver's socket to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver

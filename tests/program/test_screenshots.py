"""Pictures of a page are taken on a light and on a dark screen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from browsers import pytestmark
from PIL import Image

import screenshots

__all__ = ["pytestmark"]

PAGE = "<meta name='color-scheme' content='light dark'><h1>A report</h1>"


def test_a_page_has_a_light_and_a_dark_picture_of_the_height_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.html").write_text(PAGE)
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "report.html"), str(tmp_path / "report"), "300"])
    screenshots.main()
    light, dark = (Image.open(tmp_path / f"report-{scheme}.png").convert("L") for scheme in ("light", "dark"))
    assert light.size == dark.size == (1280, 300)
    assert light.getpixel((1279, 299)) == 255
    assert dark.getpixel((1279, 299)) < 64

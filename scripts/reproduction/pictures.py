"""A preset's picture, on light and on dark paper."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from nnexp.compare.render.charts import charts
from nnexp.config.presets import Preset
from nnexp.plots.canvas import png
from nnexp.runtime.owned_files import written
from reproduction.presets_run import Measured

DARK = np.array([13, 17, 23])  # the ground of a dark page
MOST = 1000  # pixels of width


def draw(preset: Preset, measured: Measured, folder: Path) -> list[str]:
    """Write the preset's picture as NAME-light.png and NAME-dark.png; their names, none if there is no picture."""
    image = _image(preset, measured)
    if image is None:
        return []
    image.thumbnail((MOST, MOST))
    folder.mkdir(exist_ok=True)
    names = []
    for ground, picture in (("light", image), ("dark", _dark(image))):
        names.append(f"{preset.name}-{ground}.png")
        with written(folder / names[-1]) as file:
            picture.save(file, "PNG", optimize=True)
    return names


def _image(preset: Preset, measured: Measured) -> Image.Image | None:
    """A file of the best run's own where the header names one; else the runs side by side, what varies first."""
    if measured.comparison is None:
        return None
    best = next((run for run in measured.runs if run.id == measured.comparison.best.id), None)
    if best and preset.picture and best.has_artifact(preset.picture):
        with best.artifact(preset.picture) as file, Image.open(file) as image:
            return image.convert("RGB")
    found = {chart.name: chart.figure for chart in charts(measured.comparison)}
    with Image.open(io.BytesIO(png(found.get("effect", found["learning_curves"])))) as image:
        return image.convert("RGB")


def _dark(image: Image.Image) -> Image.Image:
    """The picture with light and dark changed for each other, each colour kept: white is the page's ground."""
    pixels = np.asarray(image, float)
    turned = pixels + 255 - pixels.max(axis=2, keepdims=True) - pixels.min(axis=2, keepdims=True)
    on_ground = DARK + turned * (1 - DARK / 255)
    return Image.fromarray(np.clip(on_ground, 0, 255).astype(np.uint8))

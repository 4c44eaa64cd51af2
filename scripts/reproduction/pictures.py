"""A preset's picture, on light and on dark paper."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from nnexp.comparison.render.charts import charts
from nnexp.config.presets import Preset
from nnexp.errors import UsageError
from nnexp.plots.drawing import png
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
    """The one that the header names, a file of a run's own or a chart of all; else what the settings do.

    Of a search a chart of its report, the history unless another is named.
    """
    if measured.comparison is None:
        return None
    name, _, setting = preset.picture.partition(" of ")
    if preset.searches:
        return _read(Path(measured.charts) / f"{name or 'history'}.png")
    if "/" in name:
        return _of_a_run(name, setting, measured)
    found = {figure.name: figure.chart for figure in charts(measured.comparison)}
    chosen = found[name] if name else found.get("effect", found["learning_curves"])
    return _read(io.BytesIO(png(chosen)))


def _of_a_run(file: str, setting: str, measured: Measured) -> Image.Image:
    """The file of the best run that has the setting, of all runs if none is said."""
    groups = [group for group in measured.groups if setting in ("", group.name)]
    if not groups:
        names = ", ".join(each.name for each in measured.groups)
        raise UsageError(f"Picture: got {setting!r}, expected one of {names}")
    best = groups[0].best
    (run,) = [each for each in measured.runs if each.id == best.id]
    older = file.replace("figures/", "pictures/")  # as in a run of nnexp 0.3
    with run.artifact(older if run.has_artifact(older) else file) as opened:
        return _read(opened)


def _read(file: IO[bytes] | Path) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGB")


def _dark(image: Image.Image) -> Image.Image:
    """The picture with light and dark changed for each other, each colour kept: white is the page's ground."""
    pixels = np.asarray(image, float)
    turned = pixels + 255 - pixels.max(axis=2, keepdims=True) - pixels.min(axis=2, keepdims=True)
    on_ground = DARK + turned * (1 - DARK / 255)
    return Image.fromarray(np.clip(on_ground, 0, 255).astype(np.uint8))

"""The gallery says what was measured, and what it means for what was expected."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.trial import Trial
from nnexp.config.presets import Preset, preset_called
from nnexp.errors import UsageError
from reproduction.gallery import chapter, machine, page, unmeasured, verdict
from reproduction.pictures import draw
from reproduction.presets_run import Measured, NotMeasured, measured


def trial(seed: int, eta: float, test: float) -> Trial:
    curve = {0: 0.1, 1: test}
    settings = {"eta": eta, "seed": seed}
    return Trial(f"{eta}-{seed}", "run", "FINISHED", settings, curve, curve, seconds=2.0, test_images=10_000)


def comparison(*etas: float) -> Comparison:
    """Of 95 % with the first of these rates, a point less with each other, in three seeds each."""
    tests = (0.949, 0.950, 0.951)
    return compare(
        "x", [trial(n, eta, test - 0.01 * at) for at, eta in enumerate(etas) for n, test in enumerate(tests)]
    )


def expecting(line: str) -> Preset:
    return replace(preset_called("quick"), header=("A title.", "    nnexp run", f"Expected: {line}", "", "Look."))


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("95.05 ± 0.1 % on test, 3 seeds", "as expected"),
        ("94.0 ± 0.1 % on test, 3 seeds", "**1.00 points above what was expected**"),
        ("96.0 ± 0.1 % on test, 3 seeds", "**1.00 points below what was expected**"),
        ("not measured yet", "nothing was expected yet"),
    ],
)
def test_the_verdict_on_one_setting(expected: str, words: str) -> None:
    assert verdict(expecting(expected), comparison(3.0).groups) == words


def test_another_setting_that_is_ahead_is_told() -> None:
    said = verdict(expecting("eta=1: 94.0 ± 0.1 % on test, 3 seeds"), comparison(3.0, 1.0).groups)
    assert said == "as expected, but eta=3 is ahead"


def test_a_chapter_has_command_expectation_measurement_and_table() -> None:
    said = chapter(expecting("95.0 ± 0.1 % on test, 3 seeds"), Measured(comparison(3.0, 1.0)), ["a.png", "b.png"])
    assert "\n    nnexp run\n" in said
    assert "Measured: eta=3: 95.00 ± 0.10 % (3 seeds, epoch 1, 2 s a run). Verdict: as expected." in said
    assert "- eta=3 beats eta=1" in said
    assert 'srcset="pictures/b.png"' in said


def test_a_check_that_fails_is_told() -> None:
    said = chapter(expecting("the gradient is right"), Measured(output="WRONG", right=False), [])
    assert "Measured, **not as expected**:\n\n    WRONG" in said


def test_the_machine_is_named_by_its_processor_alone() -> None:
    assert machine().endswith(" cores")
    assert "/" not in page([machine()]).splitlines()[-1]


def test_a_picture_is_drawn_in_light_and_in_dark(tmp_path: Path) -> None:
    names = draw(preset_called("article"), Measured(comparison(3.0)), tmp_path / "pictures")
    assert names == ["article-light.png", "article-dark.png"]
    corners = []
    for name in names:
        with Image.open(tmp_path / "pictures" / name) as image:
            corners.append(image.getpixel((0, 0)))
    assert corners == [(255, 255, 255), (13, 17, 23)]


def picturing(line: str) -> Preset:
    return replace(preset_called("quick"), header=("A title.", "    nnexp run", f"Picture: {line}", "", "Look."))


def test_a_chart_is_drawn_by_its_name(tmp_path: Path) -> None:
    found = Measured(comparison(3.0, 1.0))
    named, first = (draw(picturing(line), found, tmp_path / line)[0] for line in ("learning_curves", ""))
    assert (tmp_path / "learning_curves" / named).read_bytes() != (tmp_path / first).read_bytes()


@dataclass
class Stored:
    """A run whose only file is here."""

    id: str
    folder: Path
    file: str

    def has_artifact(self, path: str) -> bool:
        return path == self.file

    def artifact(self, path: str) -> AbstractContextManager[Path]:
        return nullcontext(self.folder / path)


@pytest.mark.parametrize("folder", ["figures", "pictures"])
def test_a_figure_of_a_run_is_found_where_nnexp_03_kept_it_too(folder: str, tmp_path: Path) -> None:
    (tmp_path / folder).mkdir()
    Image.new("RGB", (2, 2)).save(tmp_path / folder / "a.png")
    found = comparison(3.0)
    run: Any = Stored(found.groups[0].best.id, tmp_path, f"{folder}/a.png")
    assert draw(picturing("figures/a.png"), Measured(found, (run,)), tmp_path / "drawn")


def test_a_picture_of_a_setting_that_was_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=re.escape("Picture: got 'eta=5', expected one of eta=3, eta=1")):
        draw(picturing("figures/gradients.png of eta=5"), Measured(comparison(3.0, 1.0)), tmp_path)


def test_a_preset_that_could_not_be_run_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match="its command ended with exit code 2"):
        measured(preset_called("quick"), tmp_path, 1, ("eta=none",))
    assert "## quick\n" in unmeasured(preset_called("quick"), "no data")

"""`nnexp presets`."""

from __future__ import annotations

from pathlib import Path

from commands import nnexp

from nnexp.config.schema import EXPERIMENTS


def test_every_preset_is_listed_with_the_first_line_of_its_header(tmp_path: Path) -> None:
    lines = nnexp(tmp_path, "presets").stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(file.stem for file in EXPERIMENTS.glob("*.yaml"))
    (article,) = [line for line in lines if line.startswith("article ")]
    first = (EXPERIMENTS / "article.yaml").read_text().splitlines()[0]
    assert article.endswith(first.removeprefix("# "))


def test_a_preset_is_shown_with_its_header_and_the_settings_that_it_changes(tmp_path: Path) -> None:
    lines = nnexp(tmp_path, "presets", "article").stdout.splitlines()
    assert "    python -m nnexp.run experiments=article" in lines
    assert {"    data=mnist", "    sizes=[784,30,10]", "    eta=3.0", "    dtype=float64"} <= set(lines)


def test_those_whose_name_begins_so_are_listed(tmp_path: Path) -> None:
    lines = nnexp(tmp_path, "presets", "chapter3").stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(file.stem for file in EXPERIMENTS.glob("chapter3*.yaml"))


def test_a_preset_that_there_is_not_is_answered_by_those_that_there_are(tmp_path: Path) -> None:
    done = nnexp(tmp_path, "presets", "artikle")
    assert done.returncode == 2
    assert done.stderr.startswith("preset: got 'artikle', expected one of ")
    assert done.stderr.endswith("; did you mean article?\n")

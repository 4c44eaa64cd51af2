"""`nnexp find-eta` on real settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import nnexp
from PIL import Image

QUICK = ("find-eta", "experiments=quick", "engine=numpy", "--steps", "300", "--from", "0.01")


def test_a_suggestion_is_the_last_word_before_the_picture_and_can_be_typed(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "--steps", "1000")
    assert done.returncode == 0, done.stderr
    suggestion, picture = done.stdout.splitlines()[-2:]
    name, eta = suggestion.split()[-1].split("=")
    assert name == "eta"
    assert 0.5 < float(eta) < 10
    assert picture == "picture find-eta.png"


def test_nothing_but_the_picture_is_left_and_it_is_written_over_by_the_next(tmp_path: Path) -> None:
    nnexp(tmp_path, *QUICK)
    before = (tmp_path / "find-eta.png").read_bytes()
    assert nnexp(tmp_path, *QUICK, "seed=1").returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["find-eta.png"]
    assert (tmp_path / "find-eta.png").read_bytes() != before


@pytest.mark.parametrize("words", [True, False], ids=["no picture", "another picture"])
def test_a_file_of_somebody_elses_is_not_written_over(tmp_path: Path, words: bool) -> None:
    file = tmp_path / "mine.png"
    file.write_text("mine") if words else Image.new("L", (2, 2)).save(file)
    before = file.read_bytes()
    done = nnexp(tmp_path, *QUICK, "--output", "mine.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--output: mine.png is there, and no picture of this command's")
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_an_error_before_anything_is_trained(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "--output", "no/eta.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected a file in a folder that is there" in done.stderr


def test_rates_in_the_wrong_order_are_an_error(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "--to", "0.001")
    assert (done.returncode, done.stderr) == (2, "--to: got 0.001, expected a rate above that of --from, 0.01\n")


def test_where_nothing_can_be_suggested_it_says_why(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "--to", "0.02")
    assert done.returncode == 0
    assert "no suggestion: the cost has not risen again; try a larger --to" in done.stdout


def test_a_misspelt_setting_is_an_error(tmp_path: Path) -> None:
    done = nnexp(tmp_path, *QUICK, "etaa=3")
    assert (done.returncode, done.stderr) == (2, "etaa: no such setting; did you mean eta?\n")

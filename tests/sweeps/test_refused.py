"""Sweeps that can't be launched as they are told: refused before anything else is said or written."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import run_nnexp

pytestmark = pytest.mark.slow

QUICK = ("-m", "data=digits", "sizes=[64,10]", "tracking=folder", "pictures=false", "sweep.name=s")


@pytest.mark.parametrize("words", [["eta=1,2"], ["search=random", "eta=interval(1,2)", "search.trials=2"]])
def test_a_cluster_that_is_not_there_is_told_before_anything_else(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run_nnexp(tmp_path, *QUICK, *words, "launch=slurm")
    told = "launch=slurm: sbatch is not on PATH, expected Slurm's commands on this machine\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
    assert not (tmp_path / "outputs").exists()

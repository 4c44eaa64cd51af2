"""Parts of another package: found by its entry points, and as good as ours, without a change in our tree."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from running import run_new
from toys import install

from nnexp.train.stopping.base import Stopping

pytestmark = pytest.mark.slow

WORDS = [
    f"{group}=toy"
    for group in ("data", "activation", "cost", "init", "optimiser", "regulariser", "average", "schedule", "stopping")
]
WORDS += ["monitor=[toy]", "activation.steepness=0.75", "sizes=[1,3,2]"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a package with a part of each kind is installed in."""
    folder = tmp_path_factory.mktemp("packages")
    install(folder)
    return folder


def run(folder: Path, packages: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_new(folder, *words, PYTHONPATH=str(packages))


def test_a_run_is_made_of_parts_of_another_package_alone(tmp_path: Path, packages: Path) -> None:
    done = run(tmp_path, packages, *WORDS, "tracking=toy", "hydra.run.dir=here")
    assert done.returncode == 0, done.stderr
    assert "two epochs are enough" in done.stdout
    epochs = json.loads((tmp_path / "here/epochs.json").read_text())
    assert [epoch["epoch"] for epoch in epochs] == [0, 1, 2]
    assert epochs[2]["metrics"]["learning_rate"] == 1.5
    assert epochs[2]["metrics"]["largest_weight/layer_1"] > 0
    assert "steepness: 0.75" in (tmp_path / "here/config.yaml").read_text()


def test_such_a_run_is_remembered_found_again_and_refused_by_name_where_the_package_is_not(
    tmp_path: Path, packages: Path
) -> None:
    words = [*WORDS, "tracking=folder", "engine=numpy"]
    first, again = (run(tmp_path, packages, *words) for _ in range(2))
    without = run_new(tmp_path, *words)
    assert (first.returncode, again.returncode, without.returncode) == (0, 0, 2), first.stderr + again.stderr
    assert "finished already" in again.stdout
    assert "activation: got 'toy', expected one of elu, gelu" in without.stderr


def test_a_sweep_is_launched_by_a_launcher_of_another_package(tmp_path: Path, packages: Path) -> None:
    done = run(tmp_path, packages, *WORDS, "tracking=off", "launch=toy", "engine=numpy", "-m", "seed=0,1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "toy launcher prepares" in done.stdout
    assert len(list(tmp_path.glob("outputs/*/*/*/epochs.json"))) == 2


@pytest.mark.parametrize("words", [["--help"], ["cost=foo"], ["activation=toy", "activation.steepness=0"]])
def test_they_are_helped_with_and_checked_as_ours_are(tmp_path: Path, packages: Path, words: list[str]) -> None:
    done = run(tmp_path, packages, *words)
    told = {
        "--help": "    toy                   f(z) = steepness z\n      activation.steepness 0.5",
        "cost=foo": "cost: got 'foo', expected one of cross_entropy, log_likelihood, quadratic, toy\n",
        "activation=toy": "activation.steepness: got 0.0, expected a number > 0\n",
    }
    assert told[words[0]] in done.stdout + done.stderr


def test_the_shell_completes_them(tmp_path: Path, packages: Path) -> None:
    completing = {"COMP_LINE": "nnexp-run stopping=", "COMP_POINT": "19", "PYTHONPATH": str(packages)}
    done = run_new(tmp_path, "-sc", "query=bash", **completing)
    assert done.stdout.split() == sorted(f"stopping={kind}" for kind in [*Stopping.kinds(), "toy"])


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            "import nothing_of_that_name",
            "can't be loaded (ModuleNotFoundError: No module named",
        ),
        ("Broken = 3", "is no part, expected a dataclass of one of nnexp's groups with a kind"),
        (
            "from nnexp.train.stopping.base import Stopping\nclass Broken(Stopping): kind = 'broken'",
            "lacks reason, which a part of stopping has to have",
        ),
        (
            "from nnexp.train.stopping.never import Stopping\nclass Broken(Stopping): kind = 'never'; reason = 0",
            "stopping: nnexp.train.stopping.never.Never and toy_parts.Broken are both called 'never'",
        ),
    ],
)
def test_an_entry_point_that_is_no_part_is_told_by_name(tmp_path: Path, module: str, message: str) -> None:
    install(tmp_path / "packages", module, ["Broken"])
    done = run(tmp_path, tmp_path / "packages", "data=digits")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1

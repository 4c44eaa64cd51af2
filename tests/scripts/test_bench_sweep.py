"""What sweeps cost outside training, and the same jobs by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_command import CommandFailed, Cost
from bench_sweep.others import FRAMEWORKS, RIVALS, Framework
from bench_sweep.ours import Sweep, make_store, split, sweep


def test_two_sizes_of_a_sweep_tell_what_is_fixed_and_what_a_job_costs() -> None:
    sixteen = Sweep(Cost(9.0, cpu=20.0, others=0.0), training=8.0, jobs=16)
    thirty_two = Sweep(Cost(15.0, cpu=30.0, others=0.0), training=16.0, jobs=32)
    assert split(sixteen, thirty_two) == pytest.approx((10.0, 0.125))


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_a_framework_s_script_is_there(framework: Framework) -> None:
    assert (RIVALS / framework.script).is_file()


def test_a_framework_that_is_not_installed_is_told() -> None:
    assert Framework("absent", "absent.py", ("no_such_package", "no_such.package", "sys")).lacks == (
        "no_such_package, no_such.package"
    )


@pytest.mark.slow
def test_a_sweep_tells_its_jobs_and_their_training(tmp_path: Path) -> None:
    make_store(tmp_path)
    done = sweep(tmp_path, ["data=digits", "sizes=[64,10,10]", "epochs=1", "seed=range(2)", "pictures=false"])
    assert done.jobs == 2
    assert 0 < done.training < done.cost.cpu


@pytest.mark.slow
def test_a_finished_sweep_is_none_that_can_be_measured(tmp_path: Path) -> None:
    make_store(tmp_path)
    words = ["data=digits", "sizes=[64,10,10]", "epochs=1", "seed=range(2)", "pictures=false"]
    sweep(tmp_path, words)
    with pytest.raises(CommandFailed, match="expected jobs that are new"):
        sweep(tmp_path, words)


@pytest.mark.slow
def test_a_framework_that_leaves_out_a_job_is_an_error(tmp_path: Path) -> None:
    (scikit_learn,) = (each for each in FRAMEWORKS if each.script == "joblib_sklearn.py")
    one_job = Framework("lazy", scikit_learn.script, (), ("{uri}", "1", "1"))
    with pytest.raises(CommandFailed, match="lazy: 1 runs are finished, expected 2"):
        one_job.cost(tmp_path, jobs=2, epochs=1)

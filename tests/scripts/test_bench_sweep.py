"""What sweeps cost outside training, and the same jobs by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench_command import CommandFailed, Cost
from bench_sweep.others import FRAMEWORKS, RIVALS, Framework
from bench_sweep.ours import Sweep, make_store, split, sweep
from bench_sweep.training import cpu_of_training


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
def test_what_training_takes_is_measured_in_processes_of_its_own() -> None:
    assert cpu_of_training(1, ["data=digits", "sizes=[64,10,10]"], at_once=2) > 0


def test_a_training_that_fails_is_an_error() -> None:
    with pytest.raises(CommandFailed, match=r"exit codes \[1\]"):
        cpu_of_training(1, ["eta=-1"], at_once=1)


@pytest.mark.slow
def test_a_sweep_tells_its_jobs_and_their_training(tmp_path: Path) -> None:
    make_store(tmp_path)
    done = sweep(tmp_path, ["data=digits", "sizes=[64,10,10]", "epochs=1", "seed=range(2)", "pictures=false"], 0.25)
    assert (done.jobs, done.training) == (2, 0.5)
    assert done.outside == done.cost.cpu - 0.5


@pytest.mark.slow
def test_a_finished_sweep_is_none_that_can_be_measured(tmp_path: Path) -> None:
    make_store(tmp_path)
    words = ["data=digits", "sizes=[64,10,10]", "epochs=1", "seed=range(2)", "pictures=false"]
    sweep(tmp_path, words, 0.0)
    with pytest.raises(CommandFailed, match="expected jobs that are new"):
        sweep(tmp_path, words, 0.0)


@pytest.mark.slow
def test_a_framework_that_leaves_out_a_job_is_an_error(tmp_path: Path) -> None:
    (scikit_learn,) = (each for each in FRAMEWORKS if each.script == "joblib_sklearn.py")
    one_job = Framework("lazy", scikit_learn.script, (), ("{uri}", "1", "1"))
    with pytest.raises(CommandFailed, match="lazy: 1 runs are finished, expected 2"):
        one_job.cost(tmp_path, jobs=2, epochs=1)

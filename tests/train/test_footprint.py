"""What memory a run needs is known before it begins, and a run that does not fit is refused."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from running import environment

from nnexp.config.compose import config_of
from nnexp.config.composer import Composer
from nnexp.config.schema import CONF, is_plain, register
from nnexp.config.sweep_settings import Sweep
from nnexp.data.sources.digits import Digits
from nnexp.errors import ConfigError
from nnexp.nn.averages.none import NoAverage
from nnexp.nn.descent import scratch
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.optimisers.momentum import Momentum
from nnexp.nn.optimisers.nesterov import Nesterov
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.base import Regulariser
from nnexp.nn.regularisers.l2 import L2
from nnexp.nn.regularisers.none import NoRegulariser
from nnexp.nn.update import Update
from nnexp.runner.one_run import one_run
from nnexp.runner.preparation import memory_needed
from nnexp.runtime.cores import cores
from nnexp.runtime.memory import MB
from nnexp.sweeps.plan import Plan, plan
from nnexp.train.footprint import footprint

DIGITS = ("tracking=off", "data=digits", "pictures=false", "epochs=1")


def planned(*words: str, free: int) -> Plan:
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = [*DIGITS, *words]
        composer = Composer(lambda each: compose("config", list(each)), is_plain)
        return plan(composed, Sweep(), OverridesParser.create(), composer, lambda: free)


# What is estimated.


def needs(sizes: list[int], mini_batch_size: int = 10, dtype: str = "float32", monitor: Sequence[str] = ()) -> int:
    return footprint(sizes, mini_batch_size, dtype, Digits().load(), monitor=monitor)


WIDE, DEEP = [64, 20_000, 10], [64, 5_000, 5_000, 10]
WEIGHTS = 5_000 * (64 + 5_000 + 10)  # of the deep one


def test_a_network_needs_its_weights_four_times_its_last_its_best_and_a_better_epoch_among_them() -> None:
    assert WEIGHTS * 4 * 4 < needs(DEEP) < WEIGHTS * 4 * 4 + 260 * MB


def test_drawing_needs_more_for_each_weight_of_the_largest_layer() -> None:
    plain, more = (footprint(DEEP, 10, "float32", Digits().load(), drawing=drawing) for drawing in (4, 8))
    assert more - plain == 4 * 8 * 5_000 * 5_000


def test_with_float64_the_network_its_last_its_best_and_a_better_epoch_are_twice_as_large() -> None:
    assert needs(DEEP, dtype="float64") - needs(DEEP) == 4 * WEIGHTS * (8 - 4)


def test_a_larger_mini_batch_needs_three_more_rows_of_every_layer_for_each_example() -> None:
    assert needs(WIDE, mini_batch_size=800) - needs(WIDE, mini_batch_size=400) > 3 * 20_010 * 4 * 380


def test_an_optimiser_needs_the_weights_once_more_for_each_number_that_it_keeps() -> None:
    dataset = Digits().load()
    plain, keeping = (footprint(DEEP, 10, "float32", dataset, kept=kept, monitor=["gradients"]) for kept in (0, 1))
    assert keeping - plain > WEIGHTS * 4 / 2


@pytest.mark.parametrize(
    ("optimiser", "regulariser"), [(Sgd(), NoRegulariser()), (Sgd(), L2()), (Momentum(), NoRegulariser())]
)
def test_a_step_that_blas_takes_needs_no_memory(optimiser: Optimiser, regulariser: Regulariser) -> None:
    assert scratch(Update(optimiser, regulariser, NoAverage())) == 0


def test_a_step_that_reads_the_gradient_twice_needs_one_and_what_is_in_between() -> None:
    assert scratch(Update(Nesterov(), NoRegulariser(), NoAverage())) >= 2


def test_monitored_gradients_need_a_gradient_and_one_in_float64() -> None:
    assert needs(DEEP, monitor=["gradients"]) - needs(DEEP) > WEIGHTS * (4 + 8) / 2


PEAK = """
import re, sys
from pathlib import Path
from nnexp.config.compose import config_of
from nnexp.config.composer import Composer
from nnexp.runner.one_run import one_run
from nnexp.runner.preparation import memory_needed

config = config_of(sys.argv[2:])
dataset = config.data.load()
needed = memory_needed(config, dataset)
one_run(config, Path(sys.argv[1]), lambda _: dataset)
# getrusage would tell that of the process which started this one, if that is larger
print(needed, 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "words",
    [
        ("data=digits", "sizes=[64,30,10]"),
        ("data=mnist", "sizes=[784,100,10]", "mini_batch_size=100"),
        ("data=digits", "sizes=[64,8000,2000,10]", "optimiser=nesterov", "tracking=off"),
        ("data=digits", "sizes=[64,20000,10]", "mini_batch_size=500", "dtype=float64", "tracking=off"),
    ],
)
def test_the_estimate_is_near_the_highest_memory_of_a_real_run(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "run", *words, "epochs=1", "eta=0.01"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    needed, peak = map(int, done.stdout.splitlines()[-1].split())
    assert 0.85 * peak < needed < 1.3 * peak, f"estimated {needed / MB:.0f} MB, was {peak / MB:.0f} MB"


# What comes of it.


def test_a_run_that_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = config_of(["data=digits", "sizes=[64,60000000,10]"])
    expected = r"sizes: got \[64, 60000000, 10\], which needs about .* GB of memory, but .* GB are free"
    with pytest.raises(ConfigError, match=expected):
        one_run(config, tmp_path / "run", free=lambda: 8 * 2**30)
    assert not list(tmp_path.iterdir())


def test_a_job_that_does_not_fit_is_named_before_the_first_starts() -> None:
    with pytest.raises(ConfigError) as caught:
        planned("sizes=[64,10],[64,60000000,10]", free=8 * 2**30)
    (problem,) = caught.value.problems
    assert problem.startswith("64-60000000-10: needs about")


def test_as_many_jobs_run_at_once_as_fit_into_memory(caplog: pytest.LogCaptureFixture) -> None:
    config = config_of([*DIGITS, "sizes=[64,10]"])
    one = memory_needed(config, config.data.load())
    fitting = planned("sizes=[64,10]", "seed=1,2,3", "launch.workers=3", free=2 * one + MB)
    assert fitting.at_once == 2
    assert "2 jobs at once, not 3: one needs about 0.2 GB of memory, and 0.4 GB are free" in caplog.text
    assert planned("sizes=[64,10]", "seed=1,2,3", "launch.workers=3", free=4 * one).at_once == 3


def test_more_workers_or_threads_than_cores_are_told(caplog: pytest.LogCaptureFixture) -> None:
    planned("sizes=[64,10]", "seed=1,2", "launch.workers=500", "threads=99", free=2**50)
    for line in ("launch.workers: got 500", "threads: got 99"):
        assert f"{line}, but this process may use {cores()} cores" in caplog.text


def test_no_more_workers_and_threads_than_cores_are_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        planned("sizes=[64,10]", "seed=1,2", free=2**50)
    assert not caplog.records


def test_a_run_of_more_threads_than_cores_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    one_run(config_of([*DIGITS, "sizes=[64,10]", "threads=99"]), tmp_path / "run")
    assert f"threads: got 99, but this process may use {cores()} cores" in caplog.text

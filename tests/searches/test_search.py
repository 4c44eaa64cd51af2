"""Whole searches, in this process, on digits: what is trained, what is not, and what is remembered."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from searching import SEARCH, TINY, planned, runs, searched, told, trials_in, weights

from nnexp.errors import ConfigError, SweepFailed, UsageError
from nnexp.searches.run import show
from nnexp.study.samplers import base
from nnexp.train import trainer

SORTS = {
    "plain": ("search.trials=4",),
    "pruned": ("search=tpe", "search.startup=2", "search.prune=asha", "epochs=4", "search.trials=5"),
    "replicates": ("search.trials=4", "search.seeds=2"),
}


@pytest.fixture
def epochs(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many epochs were trained since it was asked last."""
    count, train_epoch = [0], trainer._epoch

    def counting(*arguments: Any) -> Any:
        count[0] += 1
        return train_epoch(*arguments)

    def since() -> int:
        known, count[0] = count[0], 0
        return known

    monkeypatch.setattr(trainer, "_epoch", counting)
    return since


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C in the middle of a run, when so many epochs have been trained."""
    left, train_epoch = [after], trainer._epoch

    def stopped(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(trainer, "_epoch", stopped)


def test_a_search_tries_as_many_settings_as_it_is_told(tmp_path: Path) -> None:
    trials = searched(tmp_path, *SEARCH, "search.trials=3")
    assert [trial.state for trial in trials] == ["COMPLETE"] * 3
    assert {run.params["eta"] for run in runs(tmp_path)} == {trial.suggested["eta"] for trial in trials}


def test_the_same_search_again_trains_nothing(tmp_path: Path, epochs: Callable[[], int]) -> None:
    before = searched(tmp_path, *SEARCH, "search.trials=3")
    assert epochs() == 9
    assert told(searched(tmp_path, *SEARCH, "search.trials=3")) == told(before)
    assert epochs() == 0


def test_more_trials_go_on_from_those_there_are(tmp_path: Path, epochs: Callable[[], int]) -> None:
    before = searched(tmp_path, *SEARCH, "search.trials=2")
    epochs()
    after = searched(tmp_path, *SEARCH, "search.trials=4")
    assert told(after[:2]) == told(before)
    assert epochs() == 2 * 3


def test_a_search_by_steps_is_the_search_at_once(tmp_path: Path) -> None:
    (tmp_path / "steps").mkdir()
    for trials in (2, 3, 5):
        by_steps = searched(tmp_path / "steps", *SEARCH, "search=tpe", "search.startup=1", f"search.trials={trials}")
    (tmp_path / "once").mkdir()
    assert told(by_steps) == told(
        searched(tmp_path / "once", *SEARCH, "search=tpe", "search.startup=1", "search.trials=5")
    )


def test_a_finished_run_of_another_search_is_not_trained_again(tmp_path: Path, epochs: Callable[[], int]) -> None:
    words = (*TINY, "search=grid", "search.confirm=0", "mini_batch_size=choice(10,20)")
    searched(tmp_path, *words, "sweep.name=first", "eta=3.0,1.0")
    assert epochs() == 4 * 3
    searched(tmp_path, *words, "sweep.name=second", "eta=1.0,2.0")
    assert epochs() == 2 * 3


def test_further_seeds_go_to_the_better_half(tmp_path: Path) -> None:
    trials = searched(tmp_path, *SEARCH, "search.trials=6", "search.seeds=2", "eta=tag(log,interval(0.001,10))")
    seeds = [len(trial.results) for trial in trials]
    assert set(seeds) == {1, 2}
    assert len(runs(tmp_path)) == sum(seeds)


def test_the_best_is_run_again_with_seeds_that_the_search_has_not_seen(tmp_path: Path) -> None:
    trials = searched(tmp_path, *SEARCH, "search.trials=3", "search.confirm=2")
    best = max(trials, key=lambda trial: trial.values[0])
    seeds = {run.params["seed"] for run in runs(tmp_path) if run.params["eta"] == best.suggested["eta"]}
    assert seeds == {"0", "1", "2"}
    assert {run.params["seed"] for run in runs(tmp_path) if run.params["eta"] == "3.0"} == {"1", "2"}


def test_the_end_says_whether_that_is_better(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nnexp")
    searched(tmp_path, *SEARCH, "search.trials=3", "search.confirm=3", "eta=interval(0.001,0.002)")
    assert re.search(r"verdict .*beat.* by 7\d\.\d\d ± .* points of test accuracy \(3 seeds, p = 0\.0", caplog.text)


def test_without_a_store_a_search_has_its_trials_all_the_same(tmp_path: Path) -> None:
    trials = searched(tmp_path, *SEARCH, "tracking=off", "search.trials=2", "search.confirm=2")
    assert [trial.state for trial in trials] == ["COMPLETE"] * 2


def test_two_objectives_have_a_value_each(tmp_path: Path) -> None:
    words = ("search=nsga2", "search.population=2", "search.objectives=[validation_accuracy,parameters]")
    trials = searched(tmp_path, *SEARCH, *words, "search.trials=3")
    assert [trial.values[1] for trial in trials] == [(64 + 1) * 10] * 3
    assert all(0 < trial.values[0] < 1 for trial in trials)


def test_no_trial_begins_when_the_time_is_over(tmp_path: Path) -> None:
    trials = searched(tmp_path, *SEARCH, "search.trials=null", "search.timeout=0.000001")
    assert trials == []


def test_settings_that_diverge_are_hopeless(tmp_path: Path) -> None:
    with pytest.raises(SweepFailed, match="none of 1 trial has a result"):
        searched(tmp_path, *SEARCH, "search.trials=1", "eta=interval(1e30,2e30)", "activation=relu")
    (trial,) = trials_in(tmp_path, "s")
    assert (trial.state, "diverged" in trial.why) == ("PRUNED", True)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], Path]:
    """The folder in which nobody has interrupted the search of these words, which is run once."""

    @cache
    def folder_of(words: tuple[str, ...]) -> Path:
        folder = tmp_path_factory.mktemp("unbroken")
        searched(folder, *words)
        return folder

    return folder_of


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        pytest.param(sort, after, marks=[pytest.mark.slow] if (sort, after) != ("pruned", 7) else [])
        for sort in SORTS
        for after in (0, 2, 3, 5, 7)
    ],
)
def test_a_search_that_was_interrupted_and_goes_on_is_the_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbroken: Callable[[tuple[str, ...]], Path], sort: str, after: int
) -> None:
    words = (*SEARCH, *SORTS[sort], "checkpoint_seconds=0.0001")
    whole = unbroken(words)
    with monkeypatch.context() as here:
        interrupt(here, after)
        with pytest.raises(KeyboardInterrupt):
            searched(tmp_path, *words)
    assert told(searched(tmp_path, *words)) == told(searched(whole, *words))
    assert weights(tmp_path) == weights(whole)


def test_a_plan_writes_nothing_and_shows_space_size_and_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nnexp")
    words = [word for word in SEARCH if not word.startswith("eta")]
    show(planned(tmp_path, *words, "eta=1.0,2.0,3.0", "mini_batch_size=5,10", "search.trials=4", "tracking=off"))
    assert "eta: one of 1.0, 2.0, 3.0" in caplog.messages
    assert "for validation_accuracy; seed 0; pruned by none" in caplog.messages
    assert "search s: 4 trials of 6 settings; a run trains for" in caplog.messages[-2]
    assert caplog.messages[-1].startswith("up to 4 runs, 0 of them to confirm the best: about ")
    assert list(tmp_path.iterdir()) == []


REFUSED = {
    (): "search: got nothing to choose, expected a setting with several values: 'eta=tag(log,interval(0.1,10))'",
    ("eta=1.0,3.0", "sweep.zip=[eta]"): "sweep.zip: is for grids, expected none in a search",
    (
        "eta=interval(1,3)",
        "search=grid",
    ): "eta: got an interval, expected values for search=grid: list them, or say range(...)",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_space_is_refused_and_nothing_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as refused:
        planned(tmp_path, *TINY, "search=tpe", *words)
    assert refused.value.problems == [REFUSED[words]]
    assert refused.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_without_optuna_it_says_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "find_spec", lambda _: None)
    with pytest.raises(ConfigError) as refused:
        planned(tmp_path, *SEARCH, "train_size=999")  # settings that nothing has composed before
    assert refused.value.problems == ["search: got random, which needs Optuna: pip install 'nnexp[search]'"]
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_another_searchs_is_refused(tmp_path: Path, epochs: Callable[[], int]) -> None:
    searched(tmp_path, *SEARCH, "search.trials=1")
    epochs()
    with pytest.raises(
        UsageError, match=r"sweep\.name: s is another search \(space: .*0\.5 to 3.*\), expected another name"
    ):
        searched(tmp_path, *SEARCH, "search.trials=1", "eta=interval(0.5,3)")
    assert epochs() == 0

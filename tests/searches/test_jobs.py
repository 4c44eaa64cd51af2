"""Which job a search gives next, and what it makes of what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError
from nnexp.launch.job_events import Died
from nnexp.runner.job import Job, Place
from nnexp.runner.result import Outcome
from nnexp.searches import jobs as of_search
from nnexp.searches.jobs import SearchJobs
from nnexp.study.objectives import VALIDATION
from nnexp.study.samplers.random import Random
from nnexp.study.trials import Asked, Drawing, Trials


@dataclass
class Plan:
    """What a search goes by; its runs are told apart by what was suggested, to one decimal, and the seed."""

    seeds: Sequence[int] = (0,)
    limit: int | None = 4
    timeout: float | None = None
    size: int | None = None
    objectives: list[str] = field(default_factory=lambda: [VALIDATION])
    refused: Callable[[Asked], bool] = lambda trial: False
    decimals: int = 10

    def job(self, trial: Asked, seed: int) -> Job:
        if self.refused(trial):
            raise ConfigError(["a: got that, expected another"])
        config: Any = SimpleNamespace(sizes=[2, 3, 1])
        return Job(config, Membership("s", ()), f"{float(trial.suggested['a']):.{self.decimals}f} {seed}")


def anywhere(trial: Any) -> dict[str, str]:
    return {"a": repr(trial.suggest_float("a", 0, 1))}


def nowhere_else(trial: Any) -> dict[str, str]:
    return {"a": repr(trial.suggest_float("a", 1, 1))}


def searching(
    folder: Path, plan: Plan, clock: Callable[[], float] = lambda: 0.0, suggest: Any = anywhere
) -> SearchJobs:
    drawing = Drawing(Random(), suggest, {}, 10)
    place = Place(folder)
    return SearchJobs(plan, Trials(folder / "journal", "s", drawing, {}), lambda number, job: place, 0, clock)


def came(validation: float, **said: Any) -> Outcome:
    return Outcome({}, "new", epoch=1, validation=validation, seconds=2.0, **said)


def value(jobs: SearchJobs, number: int) -> float:
    """What the job's trial is worth: the number that was suggested."""
    return float(jobs.given[number].trial.suggested["a"])


def do_all(jobs: SearchJobs) -> None:
    """One after the other, each worth what its trial is."""
    for number, placed in enumerate(jobs):
        if placed is None:
            return
        jobs.ended(number, came(value(jobs, number)))


def states(jobs: SearchJobs) -> list[str]:
    return [trial.state for trial in jobs.trials.values()]


def test_there_are_as_many_trials_as_asked_for(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=4))
    do_all(jobs)
    assert states(jobs) == ["COMPLETE"] * 4
    assert len(jobs.given) == 4


def test_a_worker_that_is_free_does_not_wait_for_another(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=4))
    assert all(next(jobs) for _ in range(3))
    assert states(jobs) == ["RUNNING"] * 3


def test_more_trials_go_on_from_those_there_are(tmp_path: Path) -> None:
    do_all(searching(tmp_path, Plan(limit=4)))
    jobs = searching(tmp_path, Plan(limit=6))
    do_all(jobs)
    assert len(jobs.given) == 2
    assert len(jobs.trials) == 6


def test_what_was_under_way_comes_first_and_is_the_same(tmp_path: Path) -> None:
    killed = searching(tmp_path, Plan(limit=4))
    before = [next(killed), next(killed)]
    again = searching(tmp_path, Plan(limit=4))
    after = [next(again), next(again)]
    assert [placed[0].key for placed in after if placed] == [placed[0].key for placed in before if placed]
    assert len(again.trials) == 2


def test_no_trial_begins_after_the_timeout(tmp_path: Path) -> None:
    now = [0.0]
    jobs = searching(tmp_path, Plan(limit=None, timeout=10.0), lambda: now[0])
    assert next(jobs)
    now[0] = 10.0
    assert next(jobs) is None


def test_a_space_that_is_exhausted_ends_the_search(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=100, size=3))
    do_all(jobs)
    assert len(jobs.trials) == 3


def test_settings_that_were_tried_before_count_for_nothing(tmp_path: Path) -> None:
    def one_of_three(trial: Any) -> dict[str, str]:
        return {"a": repr(trial.suggest_int("a", 1, 3))}

    jobs = searching(tmp_path, Plan(limit=3), suggest=one_of_three)
    do_all(jobs)
    assert {trial.suggested["a"] for trial in jobs.trials.values()} == {"1", "2", "3"}
    assert len(jobs.trials) > 3


def test_a_sampler_that_goes_round_in_circles_ends_the_search(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=4), suggest=nowhere_else)
    do_all(jobs)
    assert len(jobs.trials) == 12


def test_the_better_half_gets_another_seed(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=8, seeds=(0, 1)))
    do_all(jobs)
    seeds = {number: len(trial.results) for number, trial in jobs.trials.items()}
    by_value = sorted(jobs.trials, key=lambda number: float(jobs.trials[number].suggested["a"]))
    assert seeds[by_value[-1]] == 2
    assert seeds[by_value[0]] == (2 if by_value[0] == 0 else 1)  # the first goes on, whatever it is
    assert sum(count == 2 for count in seeds.values()) <= 5


def test_a_trial_is_worth_the_mean_of_its_seeds(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=1, seeds=(0, 1)))
    for number, validation in enumerate((0.5, 0.75)):
        next(jobs)
        jobs.ended(number, came(validation))
    assert jobs.trials[0].values == (0.625,)


def test_two_trials_that_are_the_same_run_cost_one(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=5, decimals=0))  # 0 or 1
    given = [next(jobs) for _ in range(3)]
    assert given[2] is None
    for number in range(2):
        jobs.ended(number, came(0.5))
    assert states(jobs) == ["COMPLETE"] * 5


def test_settings_that_do_not_go_together_are_a_hopeless_trial(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=2, refused=lambda trial: trial.number == 0))
    do_all(jobs)
    assert states(jobs) == ["PRUNED", "COMPLETE"]
    assert jobs.trials[0].why == "a: got that, expected another"


def test_a_run_that_diverges_is_a_hopeless_trial(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=1))
    next(jobs)
    jobs.ended(0, Outcome({}, "failed", why=("the cost is nan",), diverged=True))
    assert (jobs.trials[0].state, jobs.trials[0].why) == ("PRUNED", "the cost is nan")
    assert not jobs.failed


def test_a_pruned_run_ends_its_trial(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=1, seeds=(0, 1)))
    next(jobs)
    jobs.ended(0, Outcome({}, "pruned"))  # type: ignore[arg-type,unused-ignore]
    assert states(jobs) == ["PRUNED"]
    assert next(jobs) is None


@pytest.mark.parametrize("outcome", [Died("was killed by SIGKILL"), Outcome({}, "failed", why=("no disk",))])
def test_a_job_that_fails_is_told_and_taken_up_by_the_same_command(tmp_path: Path, outcome: Any) -> None:
    jobs = searching(tmp_path, Plan(limit=1))
    next(jobs)
    jobs.ended(0, outcome)
    assert [(given.trial.number, why) for given, why in jobs.failed] == [(0, outcome)]
    again = searching(tmp_path, Plan(limit=1))
    do_all(again)
    assert states(again) == ["COMPLETE"]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_what_is_chosen_while_workers_train_is_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: tuple[int, ...]
) -> None:
    monkeypatch.setattr(of_search, "AHEAD_FROM", 2)
    jobs = searching(tmp_path, Plan(limit=9, seeds=seeds))
    do_all(jobs)
    assert states(jobs) == ["COMPLETE"] * 9
    assert len(jobs._trials) == 9


def test_a_search_that_thinks_ahead_goes_on_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_search, "AHEAD_FROM", 2)
    for name in ("unbroken", "broken"):
        (tmp_path / name).mkdir()
    unbroken = searching(tmp_path / "unbroken", Plan(limit=9))
    do_all(unbroken)
    killed = searching(tmp_path / "broken", Plan(limit=9))
    for number in range(5):
        next(killed)
        killed.ended(number, came(value(killed, number)))
    next(killed)  # under way
    assert killed._coming
    killed._coming.result()  # and the one after it has been asked for
    again = searching(tmp_path / "broken", Plan(limit=9))
    do_all(again)
    assert [trial.suggested for trial in again.trials.values()] == [
        trial.suggested for trial in unbroken.trials.values()
    ]
    assert states(again) == ["COMPLETE"] * 9


def test_jobs_that_fail_one_after_the_other_end_the_asking(tmp_path: Path) -> None:
    jobs = searching(tmp_path, Plan(limit=100))
    for number, _ in enumerate(iter(jobs.__next__, None)):
        jobs.ended(number, Died("was killed by SIGKILL"))
    assert len(jobs.trials) == of_search.TOO_MANY

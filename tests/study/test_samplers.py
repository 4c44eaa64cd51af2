"""Each sampler draws what Optuna's own draws, and a search that is taken up again draws the same."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from nnexp.study.samplers.base import Sampler
from nnexp.study.trials import Drawing, Trials

optuna.logging.set_verbosity(optuna.logging.ERROR)

KINDS = ["tpe", "random", "qmc", "cmaes", "grid", "nsga2"]
VALUES = {"a": ["1", "2", "3", "4"], "b": ["x", "y", "z"]}  # of a grid
SETTINGS: dict[str, dict[str, Any]] = {"nsga2": {"population": 4}, "tpe": {"startup": 4}}
SEED = 3


def suggested(trial: Any) -> dict[str, str]:
    """Two numbers and a choice."""
    number, whole = trial.suggest_float("a", 0.1, 10, log=True), trial.suggest_int("b", 1, 50)
    return {"a": repr(number), "b": str(whole), "c": trial.suggest_categorical("c", ["x", "y"])}


def from_grid(trial: Any) -> dict[str, str]:
    return {name: trial.suggest_categorical(name, values) for name, values in VALUES.items()}


def value(suggested: Mapping[str, str]) -> float:
    return -((float(suggested["a"]) - 2) ** 2)


def trials(journal: Path, kind: str) -> Trials:
    sampler = Sampler.named(kind, seed=SEED, **SETTINGS.get(kind, {}))
    return Trials(journal, "s", Drawing(sampler, from_grid if kind == "grid" else suggested, VALUES, 10), {})


def optunas_own(kind: str, number: int) -> optuna.samplers.BaseSampler:
    """As a user of Optuna writes it, with a seed for each trial."""
    seed = int(np.random.SeedSequence([SEED, number]).generate_state(1)[0])
    samplers = optuna.samplers
    match kind:
        case "tpe":
            return samplers.TPESampler(seed=seed, n_startup_trials=4)
        case "random":
            return samplers.RandomSampler(seed=seed)
        case "qmc":
            apart = samplers.RandomSampler(seed=seed)
            return samplers.QMCSampler(scramble=True, seed=SEED, independent_sampler=apart)
        case "cmaes":
            return samplers.CmaEsSampler(seed=seed, n_startup_trials=5, warn_independent_sampling=False)
        case "grid":
            return samplers.GridSampler(VALUES, seed=SEED)
        case _:
            return samplers.NSGAIISampler(seed=seed, population_size=4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_draws_what_optuna_draws(tmp_path: Path, kind: str) -> None:
    study, ours = optuna.create_study(direction="maximize"), trials(tmp_path / "journal", kind)
    draw = from_grid if kind == "grid" else suggested
    for number in range(11 if kind == "grid" else 30):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a class is experimental
            study.sampler = optunas_own(kind, number)
        theirs = study.ask()
        drawn = draw(theirs)
        study.tell(theirs, value(drawn))
        asked = ours.ask()
        assert asked.suggested == drawn
        ours.tell(asked, [value(asked.suggested)])


@pytest.mark.parametrize("kind", KINDS)
def test_a_search_that_is_taken_up_again_at_every_trial_draws_the_same(tmp_path: Path, kind: str) -> None:
    unbroken, drawn = trials(tmp_path / "unbroken", kind), []
    for _ in range(12):
        asked = unbroken.ask()
        drawn.append(asked.suggested)
        unbroken.tell(asked, [value(asked.suggested)])
    for number in range(12):
        trials(tmp_path / "broken", kind).ask()  # and is gone
        (asked,) = (broken := trials(tmp_path / "broken", kind)).interrupted()
        assert asked.suggested == drawn[number]
        broken.tell(asked, [value(asked.suggested)])


def test_nothing_in_a_journal_is_a_pickle(tmp_path: Path) -> None:
    cmaes = trials(tmp_path / "journal", "cmaes")
    for _ in range(20):
        asked = cmaes.ask()
        cmaes.tell(asked, [value(asked.suggested)])
    assert "cma:optimizer" not in (tmp_path / "journal").read_text()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trials": 0}, "search.trials: got 0, expected a whole number from 1 to 1,000,000"),
        ({"trials": None}, "search.trials: got null without search.timeout, expected one of them to end the search"),
        ({"timeout": 0.0}, "search.timeout: got 0.0, expected a number > 0"),
        ({"prune": "soon"}, "search.prune: got 'soon', expected none or median or asha or hyperband or wilcoxon"),
        (
            {"prune": "asha", "objectives": ["validation_accuracy", "train_seconds"]},
            "search.prune: got 'asha' with several objectives, expected none: it weighs one",
        ),
        (
            {"objectives": ["test_accuracy"]},
            "search.objectives: got ['test_accuracy'], expected a list of any of validation_accuracy, train_seconds, "
            "parameters, each once: [validation_accuracy]",
        ),
    ],
)
def test_what_a_sampler_does_not_take_is_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Sampler.named("tpe", **settings)

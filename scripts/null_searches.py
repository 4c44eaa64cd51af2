"""How often a search says that it has found something better where nothing matters: at most 5 % are allowed.

python scripts/null_searches.py                 # 200 searches of each sort, two minutes of CPU time

Rates between 2.999 and 3.001 are as good as the default, 3, so whatever wins has been lucky. All is real but for the
processes: the plan, Optuna's trials, replicates, training, fresh seeds and their comparison. Luck comes in two sorts:
of a seed, the same for all settings, as in every search; or of a setting and a seed, so that each setting has its own.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig
from scipy.stats import binomtest

from nnexp.comparison.comparison import compare
from nnexp.comparison.trial import Trial
from nnexp.config.composer import Composer
from nnexp.config.schema import CONF, Config, flat, is_plain, register
from nnexp.config.sweep_settings import Sweep
from nnexp.data.dataset import Dataset
from nnexp.data.sources.digits import Digits
from nnexp.runner.job import Place
from nnexp.runner.preparation import new_network
from nnexp.runner.result import Outcome
from nnexp.searches.conclusion import searched
from nnexp.searches.confirmation import candidates
from nnexp.searches.jobs import SearchJobs
from nnexp.searches.plan import SearchPlan, plan_search
from nnexp.study.trials import Trials
from nnexp.train.trainer import train

SPACE = ["search=tpe", "search.trials=12", "search.startup=5", "search.seeds=3", "eta=interval(2.999,3.001)"]
SPACE += ["data=digits", "sizes=[64,10]", "epochs=1", "tracking=off"]
Luck = Callable[[Config], int]
"""The seed that a configuration is trained by."""


def of_the_seed(config: Config) -> int:
    """The luck that all settings share."""
    return config.seed


def of_its_own(config: Config) -> int:
    """The luck of this setting and this seed alone."""
    return int.from_bytes(hashlib.sha256(f"{config.eta} {config.seed}".encode()).digest()[:4])


LUCKS: dict[str, Luck] = {"luck of a seed": of_the_seed, "luck of a setting and a seed": of_its_own}


def main() -> None:
    """Print the share for each sort of luck, with its interval."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=200)
    asked = parser.parse_args()
    os.nice(19 - os.nice(0))
    logging.disable(logging.INFO)
    register()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for sort, luck in LUCKS.items():
            said = [finds_something(number, luck) for number in range(asked.searches)]
            between = binomtest(sum(said), len(said)).proportion_ci(method="wilson")
            share = f"{100 * sum(said) / len(said):.1f} %"
            interval = f"95 % interval {100 * between.low:.1f} to {100 * between.high:.1f} %"
            print(f"{sort}: {sum(said)} of {len(said)} null searches found something: {share} ({interval})")


def finds_something(number: int, luck: Luck) -> bool:
    """Whether the end of this search says that its best, or its next best, beats the default settings."""
    plan = planned(number, luck.__name__)
    trials = Trials(plan.journal, plan.name, plan.drawing, plan.about)
    jobs = SearchJobs(plan, trials, lambda number, job: Place(Path()), 0)
    for index, placed in enumerate(jobs):
        if placed is None:
            break
        jobs.ended(index, outcome(trained(placed[0].config, luck)))
    fresh = [config for config, _ in candidates(plan, searched(plan, trials.all()))]
    found = compare("the best, the next best and the default", [trained(config, luck) for config in fresh])
    default = plan.compose.config(plan.space.words({})).eta
    named = next(group.name for group in found.groups if group.varying.get("eta") == default)
    return any(each.significant and each.b == named for block in found.blocks for each in block.every)


def planned(number: int, sort: str) -> SearchPlan:
    """The plan of a search, as its command line would give it."""
    name = f"null-{sort}-{number}"
    words = [*SPACE, f"search.seed={number}", f"seed={1000 * number}"]
    plan = plan_search(words, Sweep(name=name), OverridesParser.create(), composer())
    plan.journal.parent.mkdir(parents=True, exist_ok=True)
    return plan


@cache
def composer() -> Composer:
    """Configurations from words, as the command line gives them."""

    def by_hydra(words: Sequence[str]) -> DictConfig:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return compose("config", list(words))

    return Composer(by_hydra, is_plain)


@cache
def digits() -> Dataset:
    """The data, read once."""
    return Digits().load()


def trained(config: Config, luck: Luck) -> Trial:
    """The run of this configuration, as it is compared."""
    dataset, lucky = digits(), replace(config, seed=luck(config))
    history = list(train(new_network(lucky, dataset), dataset, lucky))
    validation, test = (
        {done.epoch: done.metrics[name] for done in history} for name in ("validation_accuracy", "test_accuracy")
    )
    images = len(dataset.test)
    return Trial("", "", "FINISHED", flat(config), validation, test, test_images=images)


def outcome(trial: Trial) -> Outcome:
    """What a worker would send back of this run."""
    return Outcome({}, "new", trial.epoch, trial.best_validation, trial.chosen_test, seconds=0.0)


if __name__ == "__main__":
    main()

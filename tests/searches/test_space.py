"""From the words of the command line to what a search may try, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from configs import composer
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.schema import CONF
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError
from nnexp.searches.space import Space, space
from nnexp.sweeps.grid import split

CONDITIONAL = (
    "data=digits",
    "sizes=[64,10]",
    "optimiser.momentum=interval(0,0.99)",
    "optimiser=sgd,momentum",
    "optimiser.nesterov=true,false",
)


@pytest.fixture(autouse=True)
def composing() -> Iterator[None]:
    composer()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield


def space_of(*words: str, sweep: Sweep | None = None) -> Space:
    return space(words, OverridesParser.create(), composer(), sweep or Sweep())


def study(sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
    return optuna.create_study(sampler=sampler or optuna.samplers.RandomSampler(seed=0))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("eta=tag(log,interval(0.1,10))", "eta: 0.1 to 10, logarithmic"),
        ("eta=interval(0.1,10)", "eta: 0.1 to 10"),
        ("eta=int(interval(1,9))", "eta: whole numbers from 1 to 9"),
        ("mini_batch_size=interval(1,1e3)", "mini_batch_size: whole numbers from 1 to 1,000"),
        ("train_size=tag(log,interval(10,100))", "train_size: whole numbers from 10 to 100, logarithmic"),
        ("epochs=int(interval(5,30))", "epochs: whole numbers from 5 to 30"),
        ("epochs=range(1,10)", "epochs: 1 to 9 in steps of 1"),
        ("epochs=range(9,1,-4)", "epochs: 5 to 9 in steps of 4"),
        ("epochs=range(2.0,9.0,2.0)", "epochs: 2 to 8 in steps of 2"),
        ("eta=range(0.1,1,0.1)", "eta: 0.1 to 0.9 in steps of 0.1"),
        ("dropout=interval(0,0.5)", "dropout: 0 to 0.5"),
        ("eta=0.5,1,3", "eta: one of 0.5, 1, 3"),
        ("eta=sort(3,1,2)", "eta: one of 1, 2, 3"),
        ("eta=shuffle(choice(3,1,2))", "eta: one of 3, 1, 2"),
        ("mini_batch_size=choice(5,10,20,50)", "mini_batch_size: one of 5, 10, 20, 50"),
        ("sizes=choice([784,30,10],[784,100,10])", "sizes: one of [784,30,10], [784,100,10]"),
        ("train_size=null,1000", "train_size: one of null, 1000"),
        ("standardise=True,false", "standardise: one of true, false"),
        ("cost=glob(*)", "cost: one of cross_entropy, log_likelihood, quadratic"),
        ("optimiser=glob(ada*,exclude=adam)", "optimiser: one of adagrad, adamw"),
        ("optimiser=adam optimiser.beta1=interval(0,0.9)", "optimiser.beta1: 0 to 0.9"),
        ("experiments=momentum-two-lives optimiser.momentum=interval(0,0.9)", "optimiser.momentum: 0 to 0.9"),
    ],
)
def test_what_words_say(words: str, said: str) -> None:
    assert space_of(*words.split()).in_words == [said]


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ("eta=3", ["search: got nothing to choose, expected a setting with several values: 'eta=tag(log,interval"]),
        ("seed=range(3) eta=choice(3)", ["search: got nothing to choose"]),
        ("eta=interval(10,1)", ["eta: got interval(10,1), expected its first end to be lower than the second"]),
        ("eta=interval(1,1)", ["eta: got interval(1,1), expected its first end to be lower than the second"]),
        ("eta=interval(1,inf)", ["eta: got interval(1,inf), expected finite ends"]),
        ("eta=tag(log,interval(0,1))", ["eta: got tag(log,interval(0,1)), expected ends > 0 with log"]),
        ("eta=tag(foo,interval(0,1))", ["eta: got tag(foo,interval(0,1)), expected no tag but log"]),
        ("eta=tag(log,range(1,9))", ["eta: got tag(log,range(1,9)), expected log with an interval: tag(log,interval"]),
        ("eta=tag(log,choice(1,9))", ["eta: got tag(log,choice(1,9)), expected log with an interval"]),
        ("mini_batch_size=interval(0.5,3)", ["mini_batch_size: got interval(0.5,3), expected whole numbers as its"]),
        ("epochs=range(1,3,0.5)", ["epochs: got range(1,3,0.5), expected whole numbers"]),
        ("eta=range(3,1)", ["eta: got range(3,1), which is no value at all"]),
        ("eta=range(1,3,0)", ["eta: got range(1,3,0), expected finite numbers, and a step that is not 0"]),
        ("eta=range(1,inf)", ["eta: got range(1,inf), expected finite numbers"]),
        ("eta=range(0,1,1e-9)", ["eta: got range(0,1,1e-9), expected at most 1,000,000 values, or an interval"]),
        ("sizes=interval(1,2)", ["sizes: got interval(1,2), expected values to choose from, for it is no number"]),
        ("standardise=interval(0,1)", ["standardise: got interval(0,1), expected values to choose from"]),
        ("dtype=range(3)", ["dtype: got range(3), expected values to choose from"]),
        ("cost=interval(0,1)", ["cost: got interval(0,1), expected values to choose from"]),
        ("eta=glob(*)", ["eta: got glob(*), expected values: glob is for choices, such as cost=glob(*)"]),
        ("cost=glob(x*)", ["cost: got glob(x*), which is no value at all"]),
        ("eta=1,1.0", ["eta: got 1,1.0, expected 1.0 once"]),
        ("eta=1,2 eta=3", ["eta: is there more than once, expected once"]),
        ("seed=interval(0,3)", ["seed: got interval(0,3), expected values, such as range(3)"]),
        ("seed=1,-2", ["seed: got -2, expected a whole number >= 0"]),
        ("lr=1,2", ["lr: no such setting; did you mean eta?"]),
        ("+foo=1,2", ["+foo: no such setting"]),
        ("optimiser.speed=1,2", ["optimiser.speed: no such setting"]),
        ("optimiser.momentum=interval(0,1)", ["optimiser.momentum: no such setting of this choice of optimiser; opti"]),
        ("optimiser=sgd,adam optimiser.momentum=0.5", ["optimiser.momentum: no such setting of this choice of optim"]),
        ("optimiser=foo,sgd optimiser.momentum=0.5", ["optimiser: got 'foo', expected one of adagrad, adam,"]),
        ("launch=serial,parallel", ["launch: has several values, expected one for the whole search"]),
        ("search.seed=1,2", ["search.seed: has several values, expected one for the whole search"]),
        ("sweep.name=a,b", ["sweep.name: has several values, expected one for the whole search"]),
        ("tracking=off,mlflow", ["tracking: has several values, expected one for the whole search"]),
        ("resume=auto,never", ["resume: has several values, expected one for the whole search"]),
        ("pictures=true,false", ["pictures: has several values, expected one for the whole search"]),
        ("experiments=best,eta", ["experiments: has several values, expected one for the whole search"]),
        (
            "cost=interval(1,2) eta=interval(2,1) lr=1,2 optimiser.momentum=1,2",
            ["lr: no such", "cost: got", "optimiser.momentum: no such", "eta: got"],
        ),
    ],
)
def test_what_is_no_space_is_refused_all_at_once(words: str, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        space_of(*words.split())
    told = refused.value.problems
    assert [each[: len(begin)] for each, begin in zip(told, problems, strict=True)] == problems


@pytest.mark.parametrize("setting", ["zip", "jobs", "exclude"])
def test_settings_of_grids_are_refused(setting: str) -> None:
    with pytest.raises(ConfigError, match=f"sweep.{setting}: is for grids, expected none in a search"):
        space_of("eta=1,2", sweep=Sweep(**{setting: ["eta"]}))


def test_several_seeds_are_replicates_and_no_dimension() -> None:
    found = space_of("eta=1,2", "seed=range(3)")
    assert found.seeds == [0, 1, 2]
    assert [each.name for each in found.dimensions] == ["eta"]


def test_one_value_is_fixed_however_it_is_written() -> None:
    found = space_of("eta=choice(3)", "seed=range(1)", "epochs=range(5,6)", "mini_batch_size=5,10", "threads=1")
    assert sorted(found.fixed) == ["epochs=5", "eta=3", "seed=0", "threads=1"]
    assert found.seeds is None


def test_a_choice_comes_before_its_settings_and_the_rest_as_typed() -> None:
    found = space_of("eta=1,2", "optimiser.momentum=0.5,0.9", "epochs=1,2", "optimiser=sgd,momentum", "threads=1,2")
    names = [each.name for each in found.dimensions]
    assert names == ["eta", "epochs", "optimiser", "optimiser.momentum", "threads"]


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("eta=1,2,3 epochs=interval(1,10)", 30),
        ("eta=1,2,3 dropout=interval(0,0.5)", None),
        ("optimiser=sgd,momentum,nesterov optimiser.momentum=0.5,0.9 eta=1,2,3", 15),
        ("optimiser=momentum optimiser.momentum=0.5,0.9 eta=range(0.1,0.5,0.1)", 8),
    ],
)
def test_how_many_settings_there_are(words: str, size: int | None) -> None:
    assert space_of(*words.split()).size == size


def test_a_setting_of_a_choice_is_suggested_where_the_trial_has_made_it_and_all_trials_compose() -> None:
    found, asking = space_of(*CONDITIONAL), study()
    chosen: set[str] = set()
    for _ in range(50):  # of which most are composed like one before
        suggested = found.suggest(asking.ask())
        made = composer().config(found.words(suggested))
        having = [name for name in ("momentum", "nesterov") if name in made.optimiser.settings]
        assert [name for name in suggested if "." in name] == [f"optimiser.{name}" for name in having]
        assert [str(value).lower() for value in made.optimiser.settings.values()] == [
            suggested[f"optimiser.{name}"] for name in having
        ]
        chosen.add(suggested["optimiser"])
    assert chosen == {"sgd", "momentum"}


def test_where_a_setting_of_some_choices_is_suggested_is_said() -> None:
    found = space_of("optimiser=sgd,momentum,nesterov", "optimiser.momentum=interval(0,0.9)")
    assert found.in_words[1] == "optimiser.momentum: 0 to 0.9, where optimiser is momentum or nesterov"


def test_what_is_fixed_of_a_choice_goes_with_it() -> None:
    found = space_of("regulariser.lmbda=0.5", "regulariser=none,l2")
    assert found.words({"regulariser": "l2"}) == ["regulariser.lmbda=0.5", "regulariser=l2"]
    assert found.words({"regulariser": "none"}) == ["regulariser=none"]


def test_nothing_suggested_is_what_is_so_without_a_search() -> None:
    varied = ("regulariser.lmbda=0.5", "regulariser=none,l2")
    preset = "experiments=chapter3-l2-small"
    assert space_of(*varied).words({}) == []
    assert space_of(preset, *varied).words({}) == [preset, "regulariser.lmbda=0.5"]


@pytest.mark.parametrize("words", ["eta=tag(log,interval(1e-9,1e-3))", "eta=interval(0.1,10)", "eta=range(0.1,1,0.1)"])
def test_a_number_is_written_so_that_it_is_read_as_the_same(words: str) -> None:
    found, asking, parser = space_of(words), study(), OverridesParser.create()
    for _ in range(20):
        trial = asking.ask()
        (word,) = found.words(found.suggest(trial))
        assert (
            composer().config([word]).eta
            == parser.parse_overrides([word])[0].value()
            == pytest.approx(trial.params["eta"], 1e-3)
        )


@pytest.mark.parametrize("words", ["epochs=tag(log,interval(1,1000))", "epochs=range(1,1000,3)"])
def test_a_whole_number_is_written_as_one(words: str) -> None:
    found, asking = space_of(words), study()
    assert all(found.suggest(asking.ask())["epochs"].isdecimal() for _ in range(20))


@pytest.mark.parametrize("words", ["eta=range(0.1,1,0.1)", "eta=range(0.3,0.9,0.3)", "epochs=range(1,9,3)"])
def test_a_grid_of_a_range_visits_what_a_sweep_over_it_does(words: str) -> None:
    found = space_of(words)
    asking = study(optuna.samplers.GridSampler(found.values))
    visited = []

    def objective(trial: optuna.Trial) -> float:
        visited.extend(found.words(found.suggest(trial)))
        return 0.0

    asking.optimize(objective)
    _, values = split([words], OverridesParser.create())
    assert sorted(visited) == sorted(next(iter(values.values())))


def test_an_interval_has_no_values_for_a_grid() -> None:
    found = space_of("eta=interval(1,2)", "epochs=interval(1,9)", "threads=1,2")
    with pytest.raises(ConfigError) as refused:
        _ = found.values
    expected = "expected values for search=grid: list them, or say range(...)"
    assert refused.value.problems == [f"{name}: got an interval, {expected}" for name in ("eta", "epochs")]


def test_a_trial_of_before_gives_what_it_had() -> None:
    found, asking = space_of(*CONDITIONAL, "eta=range(0.1,1,0.1)", "epochs=interval(1,9)"), study()
    suggested: list[Any] = []
    for _ in range(5):
        trial = asking.ask()
        suggested.append(found.suggest(trial))
        asking.tell(trial, 0.0)
    assert [found.suggest(trial) for trial in asking.trials] == suggested

"""What is found wrong with a search before its first trial, at whichever end of its space."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from configs import composer
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.schema import CONF, flat
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError, DataError
from nnexp.searches.checked import Checked, check
from nnexp.searches.space import space

SIZES = "sizes=[64,10]"
DIGITS = ("data=digits", SIZES)
LARGE = ("data=digits", "sizes=choice([64,10],[64,30000,10])", "mini_batch_size=10,1000")
PLENTY = 2**40  # bytes


@pytest.fixture(autouse=True)
def composing() -> Iterator[None]:
    composer()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield


def check_of(*words: str, free: int = PLENTY) -> Checked:
    return check(space(words, OverridesParser.create(), composer(), Sweep()), composer(), lambda: free)


def test_both_ends_of_each_dimension_are_composed_the_others_at_their_first() -> None:
    checked = check_of(*DIGITS, "eta=interval(1,3)", "epochs=range(1,4)", "mini_batch_size=5,10,20")
    found = [(config.eta, config.epochs, config.mini_batch_size) for config in checked.configs]
    assert found == [(1, 1, 5), (3, 1, 5), (1, 3, 5), (1, 1, 10), (1, 1, 20)]


def test_a_setting_of_a_choice_is_composed_with_a_choice_that_has_it() -> None:
    checked = check_of(*DIGITS, "optimiser=sgd,momentum", "optimiser.momentum=interval(0.1,0.9)")
    found = {flat(config).get("optimiser.momentum") for config in checked.configs}
    assert found == {None, 0.1, 0.9}


def test_the_first_of_several_seeds_is_that_of_what_is_composed() -> None:
    assert {config.seed for config in check_of(*DIGITS, "eta=1,2", "seed=range(7,9)").configs} == {7}


def test_the_data_that_was_read_is_given_back() -> None:
    checked = check_of(*DIGITS, "eta=1,2")
    assert list(checked.datasets) == [repr(checked.configs[0].data)]


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        ([SIZES, "eta=interval(0,1)"], ["eta: got 0.0, expected a number > 0"]),
        ([SIZES, "dropout=interval(0,1)"], ["dropout: got 1.0, expected a number >= 0 and < 1"]),
        ([SIZES, "epochs=range(0,5)"], ["epochs: got 0, expected a whole number from 1 to 1,000,000,000"]),
        ([SIZES, "eta=1,-2,foo"], ["eta: got -2.0, expected a number > 0", "eta: got 'foo', expected a number > 0"]),
        (
            [SIZES, "epochs=0", "eta=-1,1"],
            ["epochs: got 0, expected a whole number", "eta: got -1.0, expected a number > 0"],
        ),
        ([SIZES, "cost=foo,quadratic"], ["cost: got 'foo', expected one of cross_entropy, log_likelihood, quadratic"]),
        (["sizes=64,10"], ["sizes: got '64,10', expected a list of two or more whole numbers"]),
        (
            [SIZES, "optimiser=sgd,momentum", "optimiser.momentum=interval(0,1)"],
            ["optimiser.momentum: got 1.0, expected a number >= 0 and < 1"],
        ),
        (
            [SIZES, "mini_batch_size=interval(1,2000)"],
            ["mini_batch_size: got 2000, but digits has 1,197 training examples"],
        ),
        (["sizes=choice([64,10],[784,10])"], ["sizes: first layer has 784 units, but digits examples have 64 values"]),
    ],
)
def test_what_is_wrong_at_any_end_is_told_once(words: list[str], problems: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        check_of("data=digits", *words)
    told = refused.value.problems
    assert [each[: len(begin)] for each, begin in zip(told, problems, strict=True)] == problems


def test_data_that_is_not_there_is_told() -> None:
    with pytest.raises(DataError, match=r"no\.npz"):
        check_of("data=npz", "data.path=no.npz", "eta=1,2")


def test_the_largest_of_everything_together_has_to_fit_into_memory() -> None:
    with pytest.raises(ConfigError, match=r"^64-30000-10 mini_batch_size=1000: needs about .* of memory"):
        check_of(*LARGE, free=7 * 10**8)


def test_as_many_jobs_run_at_once_as_the_largest_fits_in(caplog: pytest.LogCaptureFixture) -> None:
    assert check_of(*LARGE, "launch.workers=2").at_once == 2
    assert check_of(*LARGE, "launch.workers=2", free=10**9).at_once == 1
    assert "1 jobs at once, not 2: one needs about" in caplog.text


def test_ends_that_are_right_each_but_not_together_are_no_error() -> None:
    checked = check_of("data=digits", "sizes=choice([64,10],[64,900,10])", "dropout=0,[0.5]")
    assert [(config.sizes, config.dropout) for config in checked.configs].count(([64, 900, 10], [0.5])) == 0

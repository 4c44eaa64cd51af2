"""What results go with: shares worked out by hand, by statsmodels, and by a forest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import nan
from typing import Any

import numpy as np
import pytest

from nnexp.stats.anova import shares
from nnexp.stats.importance import importance

Runs = list[dict[str, Any]]


def grid(noise: float) -> tuple[list[dict[str, object]], list[float]]:
    """A full grid of 90 runs in which eta matters most, sizes matter, cost and seed do not."""
    rng = np.random.default_rng(0)
    names, values = ("eta", "sizes", "cost", "seed"), ([0.5, 1, 3], [[9, 5], [9, 7], [9, 6]], ["a", "b"], range(5))
    runs = [{**dict(zip(names, of_run, strict=True)), "epochs": 30} for of_run in product(*values)]
    effect = {0.5: 0.0, 1: 1.0, 3: 1.5, 5: 0.0, 6: 0.3, 7: 0.6}
    return runs, [effect[run["eta"]] + effect[run["sizes"][1]] + rng.normal(0, noise) for run in runs]


def decomposed(runs: list[dict[str, object]], results: list[float]) -> dict[str, float]:
    """The exact analysis of variance of a balanced grid: the variance of each setting's marginal means."""
    y = np.array(results)
    shares = {}
    for name in runs[0]:
        groups = [
            [r for run, r in zip(runs, y, strict=True) if run[name] == value] for value in [x[name] for x in runs]
        ]
        shares[name] = float(np.var([np.mean(group) for group in groups]) / y.var())
    return shares


def test_on_a_grid_with_holes_the_shares_are_nearly_those_of_the_full_one() -> None:
    runs, results = grid(noise=0.2)
    exact, shares = decomposed(runs, results), importance(runs[3:], results[3:])
    assert list(shares) == [*sorted(exact.keys() - {"epochs"}, key=lambda name: -shares[name]), "rest"]
    assert list(shares)[:2] == ["eta", "sizes"]
    assert shares == pytest.approx({name: exact[name] for name in shares if name != "rest"} | {"rest": 0.1}, abs=0.06)


def test_on_a_full_grid_the_shares_are_worked_out_as_by_hand() -> None:
    runs = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1) for _ in range(2)]
    shares = importance(runs, [1, 3, 5, 7, 2, 4, 10, 12])  # sums of squares 18, 72, 8 and, within the cells, 8
    assert list(shares) == ["b", "a", "interactions", "rest"]
    assert shares == pytest.approx({"a": 16 / 106, "b": 70 / 106, "interactions": 6 / 106, "rest": 14 / 106})


def test_with_one_run_in_a_cell_combinations_are_taken_for_chance() -> None:
    runs = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1)]
    shares = importance(runs, [2, 6, 3, 11])  # sums of squares 9, 36 and, for what they do together, 4
    assert shares == pytest.approx({"b": 32 / 49, "a": 5 / 49, "rest": 12 / 49})


def test_one_setting_with_one_run_for_each_value_is_no_grid_to_learn_from() -> None:
    assert importance([{"a": value} for value in range(5)], [1, 2, 3, 4, 5]) == {}


@pytest.mark.parametrize("holes", [0, 3])
def test_shares_lie_between_nothing_and_all_add_up_to_one_and_are_the_same_each_time(holes: int) -> None:
    runs, results = grid(noise=0.5)
    shares = importance(runs[holes:], results[holes:])
    assert sum(shares.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares.values())
    assert importance(runs[holes:], results[holes:]) == shares


def test_noise_is_not_important() -> None:
    runs, _ = grid(noise=0)
    noise = list(np.random.default_rng(1).normal(size=len(runs)))
    assert importance(runs, noise)["rest"] > 0.9
    assert importance(runs[3:], noise[3:])["rest"] > 0.95


def test_a_seed_that_matters_is_a_setting_like_others() -> None:
    runs, results = grid(noise=0.1)
    shares = importance(runs, [result + 3 * (run["seed"] == 2) for run, result in zip(runs, results, strict=True)])
    assert next(iter(shares)) == "seed"


def test_a_setting_that_some_runs_lack_counts() -> None:
    runs, _ = grid(noise=0)
    some = [run | ({"momentum": 0.9} if i % 2 else {}) for i, run in enumerate(runs)]
    shares = importance(some, [float(i % 2) for i in range(len(runs))])
    assert shares["momentum"] > 0.9


@pytest.mark.parametrize(
    ("settings", "results"),
    [
        ([{"eta": i} for i in range(9)], range(9)),
        ([{"eta": 1}] * 20, range(20)),
        ([{"eta": i} for i in range(20)], [1] * 20),
    ],
    ids=["nine runs", "one setting", "one result"],
)
def test_where_there_is_nothing_to_compare_nothing_is_important(
    settings: list[dict[str, object]], results: list[float]
) -> None:
    assert importance(settings, list(results)) == {}


@pytest.mark.parametrize("results", [[1.0], [1.0, nan]])
def test_importance_needs_a_result_of_each_run(results: list[float]) -> None:
    with pytest.raises(ValueError, match=r"^results: got .*, expected 2 finite numbers, one for each run"):
        importance([{"eta": 1}, {"eta": 2}], results)


# Grids with holes: statsmodels is the oracle


def one_missing(shape: tuple[int, ...], noise: float, seed: int) -> Iterator[tuple[Runs, list[float], float]]:
    """A grid, whole, and with each of its runs missing in turn, and the weight of that run: its share of the variance.

    To which its share of the number of runs is added: that is what its being there says.
    """
    rng = np.random.default_rng(seed)
    runs: Runs = [dict(zip("abc", cell, strict=False)) for cell in product(*map(range, shape))]
    effects = rng.normal(size=(len(shape) - 1, max(shape)))
    y = np.array([sum(effects[i, value] for i, value in enumerate(list(run.values())[:-1])) for run in runs])
    y = y + noise * rng.normal(size=len(y))
    for run in runs:
        del run["abc"[len(shape) - 1]]  # the seed
    weights = (y - y.mean()) ** 2 / ((y - y.mean()) ** 2).sum() + 1 / len(y)
    yield runs, y.tolist(), 0.0
    for i in range(len(y)):
        yield runs[:i] + runs[i + 1 :], np.delete(y, i).tolist(), float(weights[i])


@pytest.mark.parametrize("shape", [(3, 5), (2, 5), (3, 3, 5)], ids=str)
@pytest.mark.parametrize("noise", [0.2, 0.6, 1.5])
def test_a_missing_run_changes_no_share_by_more_than_three_times_its_weight(
    shape: tuple[int, ...], noise: float
) -> None:
    for seed in range(5):
        (runs, results, _), *others = one_missing(shape, noise, seed)
        whole = importance(runs, results)
        for some, of_some, weight in others:
            less = importance(some, of_some)
            assert less.keys() == whole.keys()
            assert all(abs(less[name] - whole[name]) < 3 * weight for name in whole)


def test_one_setting_is_worked_out_as_statsmodels_does_with_a_run_missing() -> None:
    (_, _, _), (runs, results, _), *_ = one_missing((3, 5), 0.6, 1)
    table = analysis("y ~ C(a)", runs, results, 2)
    mean_square = table.sum_sq["Residual"] / table.df["Residual"]
    expected = (table.sum_sq["C(a)"] - table.df["C(a)"] * mean_square) / table.sum_sq.sum()
    assert importance(runs, results) == pytest.approx({"a": expected, "rest": 1 - expected})


def test_two_settings_are_the_mean_of_statsmodels_two_orders_with_runs_missing() -> None:
    (runs, results, _), *_ = one_missing((3, 2, 4), 0.6, 1)
    runs, results = runs[3:-1], results[3:-1]
    one = analysis("y ~ C(a) + C(b) + C(a):C(b)", runs, results, 1)
    other = analysis("y ~ C(b) + C(a) + C(a):C(b)", runs, results, 1)
    mean_square = one.sum_sq["Residual"] / one.df["Residual"]
    free = {"C(a)": 2, "C(b)": 1, "C(a):C(b)": 2}
    squares = {name: (one.sum_sq[name] + other.sum_sq[name]) / 2 - free[name] * mean_square for name in free}
    expected = {name: max(0.0, value / one.sum_sq.sum()) for name, value in squares.items()}
    found = shares(runs, results)
    assert found == pytest.approx(dict(zip(("a", "b", "interactions"), expected.values(), strict=True)))


def test_with_one_run_missing_the_order_hardly_matters() -> None:
    (_, _, _), (runs, results, _), *_ = one_missing((3, 2, 4), 0.3, 1)
    table = analysis("y ~ C(a) + C(b) + C(a):C(b)", runs, results, 2)
    squares = table.sum_sq - table.df * table.sum_sq["Residual"] / table.df["Residual"]
    found, total = shares(runs, results) or {}, float(np.var(results) * len(results))
    assert found["a"] == pytest.approx(squares["C(a)"] / total, abs=0.01)
    assert found["b"] == pytest.approx(squares["C(b)"] / total, abs=0.01)


def analysis(formula: str, runs: Runs, results: list[float], kind: int) -> Any:
    """The table of the analysis of variance, with sums of squares of type 1 or 2."""
    from pandas import DataFrame
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    return anova_lm(ols(formula, DataFrame(runs).assign(y=results)).fit(), typ=kind)


@pytest.mark.parametrize(
    ("runs", "results"),
    [
        ([{"a": i} for i in range(9)] + [{"a": 0}], range(10)),
        ([{"a": i % 3, "b": i % 3 + 7} for i in range(9)], range(9)),
        ([{"a": i % 4, "b": i % 2} for i in range(12)], range(12)),
        ([{"a": 0, "b": 0}, {"a": 0, "b": 1}, {"a": 1, "b": 0}], range(3)),
        ([{"a": i % 3} for i in range(9)], [1] * 9),
    ],
    ids=["own values", "always together", "one follows", "nothing left", "one result"],
)
def test_what_can_not_be_told_apart_is_not_worked_out(runs: Runs, results: list[float]) -> None:
    assert shares(runs, list(results)) is None


def test_shares_of_settings_that_go_against_each_other_are_none_below_zero_and_add_up_to_one() -> None:
    """Cells mostly on the diagonal, and effects that cancel there: each setting alone explains nothing."""
    runs: Runs = [{"a": a, "b": b} for a in range(3) for b in range(3) for _ in range(6 if a == b else 1)]
    noise = np.random.default_rng(0).normal(0, 0.1, len(runs))
    found = importance(runs, [run["a"] - run["b"] + each for run, each in zip(runs, noise, strict=True)])
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0
    assert found["a"] + found["b"] > 0.8


# A random search: the forest


def searched(noise: float) -> tuple[Runs, list[float]]:
    """Ninety runs at random places, in which eta matters most, momentum matters, decay does not."""
    rng = np.random.default_rng(0)
    places = rng.random((90, 3))
    runs: Runs = [dict(zip(("eta", "momentum", "decay"), place, strict=True)) for place in places.tolist()]
    return runs, (3 * places[:, 0] + places[:, 1] + noise * rng.normal(size=90)).tolist()


def test_a_forest_finds_what_mattered_in_a_random_search() -> None:
    found = importance(*searched(noise=0.1))
    assert next(iter(found)) == "eta"
    assert 0.6 < found["eta"] < 0.95
    assert 0.01 < found["momentum"] < 0.3
    assert found["decay"] < 0.05


def test_a_forest_calls_noise_unimportant_and_says_the_same_each_time() -> None:
    runs, _ = searched(noise=0)
    noise = np.random.default_rng(1).normal(size=len(runs)).tolist()
    found = importance(runs, noise)
    assert found["rest"] > 0.95
    assert importance(runs, noise) == found


def test_a_forest_that_overlooks_what_runs_of_the_same_settings_show_says_nothing() -> None:
    """A sweep, another of few runs that differ by far, and a single run in which two settings change at once."""
    rng = np.random.default_rng(0)
    means = {
        (0.5, 30, "a"): 0.960,
        (1, 30, "a"): 0.960,
        (3, 30, "a"): 0.959,
        (3, 10, "a"): 0.924,
        (0.5, 100, "b"): 0.977,
    }
    seeds = (5, 5, 5, 3, 1)
    cells = [cell for cell, count in zip(means, seeds, strict=True) for _ in range(count)]
    runs: Runs = [dict(zip(("eta", "sizes", "cost"), cell, strict=True)) for cell in cells]
    results = [means[cell] + rng.normal(0, 0.0015) for cell in cells]
    assert shares(runs, results) is None
    assert importance(runs, results) == {}

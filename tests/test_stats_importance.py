"""What results go with: shares worked out by hand, by statsmodels, and by a forest."""

from __future__ import annotations

from itertools import product
from math import nan

import numpy as np
import pytest

from nnexp.stats.anova import shares
from nnexp.stats.importance import importance


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
    assert list(shares) == ["b", "a", "in combination", "rest"]
    assert shares == pytest.approx({"a": 16 / 106, "b": 70 / 106, "in combination": 6 / 106, "rest": 14 / 106})


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


def test_a_grid_with_a_hole_or_uneven_cells_is_not_worked_out_as_a_full_one() -> None:
    full = [{"a": a, "b": b} for a in (1, 2) for b in (1, 2) for _ in range(2)]
    results = [0.1, 0.2, 0.4, 0.3, 0.5, 0.7, 0.9, 0.8]
    assert shares(full, results) is not None
    assert shares(full[:-1], results[:-1]) is None  # a cell with one run, where others have two
    assert shares(full[:-2], results[:-2]) is None  # a cell without any

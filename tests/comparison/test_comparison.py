"""What is chosen, and what is reported."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from typing import Any

import pytest
from trials import ending, trial

from nnexp.comparison.comparison import compare
from nnexp.comparison.render import sentences
from nnexp.comparison.render.charts import charts
from nnexp.comparison.trial import Trial
from nnexp.errors import UsageError


def test_the_epoch_is_chosen_on_validation_and_test_is_reported_there() -> None:
    run = trial()
    assert (run.epoch, run.best_validation, run.chosen_test, run.last_test) == (2, 0.9, 0.8, 0.9)


def test_the_first_of_several_best_epochs_is_chosen() -> None:
    assert trial(validation=(0.1, 0.9, 0.9), test=(0.1, 0.5, 0.6)).epoch == 1


def test_the_best_setting_is_that_with_the_best_mean_on_validation_whatever_test_says() -> None:
    worse_on_test = trial(validation=(0, 0.95), test=(0, 0.90), eta=1.0)
    better_on_test = trial(validation=(0, 0.94), test=(0, 0.99), eta=3.0)
    assert [group.name for group in compare("", [better_on_test, worse_on_test]).groups] == ["eta=1", "eta=3"]


def test_the_best_run_is_that_with_the_best_validation_accuracy_whatever_test_says() -> None:
    better_on_test = [trial((0, 0.94), (0, 0.99), eta=eta, seed=1) for eta in (1, 3)]
    runs = [trial((0, 0.95), (0, 0.90), eta=1), trial((0, 0.93), (0, 0.90), eta=3), *better_on_test]
    found = compare("", runs)
    assert [group.best.best_validation for group in found.groups] == [0.95, 0.94]
    assert found.best.best_validation == 0.95


def test_the_best_run_may_be_of_another_setting_than_the_best_one() -> None:
    found = compare("", [ending(x, eta=e, seed=s) for e, s, x in ((1, 0, 0.9), (1, 1, 0.9), (2, 0, 0.6), (2, 1, 0.95))])
    assert found.groups[0].name == "eta=1"
    assert found.best.settings["eta"] == 2
    assert sentences.best_line(found) == (
        "eta=2 seed=1: 95.00 % on validation, 95.00 % on test (epoch 1); over seeds its setting is behind eta=1"
    )


def test_runs_that_differ_in_their_seed_alone_are_one_setting() -> None:
    found = compare("", [ending(0.9, eta=eta, seed=seed) for eta in (1, 2) for seed in range(3)])
    assert [[run.seed for run in group.trials] for group in found.groups] == [[0, 1, 2], [0, 1, 2]]
    assert found.over == ["eta"]


def test_a_setting_that_earlier_runs_did_not_have_does_not_differ() -> None:
    assert compare("", [ending(0.9, eta=1), ending(0.9, eta=2, momentum=0.5)]).over == ["eta"]


def test_the_same_run_twice_counts_once() -> None:
    found = compare("", [ending(0.9), ending(0.9), ending(0.8, seed=1)])
    assert (len(found.trials), found.repeated) == (2, 1)
    assert "1 run left out: another has the same settings and seed" in sentences.notes(found)


def test_of_the_same_run_twice_the_newest_counts() -> None:
    older, newer = (replace(ending(0.9), id=name, started=time) for name, time in (("older", 1.0), ("newer", 2.0)))
    assert [run.id for run in compare("", [newer, older]).trials] == ["newer"]


def test_differences_that_rounding_can_make_are_judged_by_the_smallest_test_set() -> None:
    """Three seeds, a spread of zero: p would be 0, but accuracies are multiples of 1/100 or of 1/10,000."""
    fine = [ending(0.9 + 0.02 * eta, eta=eta, seed=seed) for eta in (1, 2) for seed in range(3)]
    coarse = [replace(run, test_images=100) if run.settings["eta"] == 1 else run for run in fine]
    (judged,), (not_so,) = (compare("", runs).verdicts for runs in (coarse, fine))
    assert judged.difference.spread == pytest.approx(0.01 / sqrt(6))
    assert judged.p > not_so.p > 0


def test_runs_that_have_not_finished_count_for_nothing_and_are_told() -> None:
    killed = Trial("x", "x", "KILLED", {"eta": 9.0}, {0: 0.1}, {0: 0.1})
    found = compare("", [ending(0.9), killed])
    assert found.trials == [ending(0.9)]
    assert "1 run left out, not finished: x KILLED" in sentences.notes(found)


def test_a_finished_run_without_accuracies_is_not_called_unfinished() -> None:
    of_another_program = Trial("x", "x", "FINISHED", {"eta": 9.0}, {0: 0.1, 1: 0.2}, {0: 0.1})
    found = compare("", [ending(0.9), of_another_program])
    assert sentences.notes(found)[1:] == ["1 run left out: no accuracies to compare"]


def test_a_run_from_before_there_was_a_setting_is_no_second_run_of_its_seed() -> None:
    runs = [ending(0.9, eta=1), ending(0.9, eta=1, momentum=0), ending(0.8, eta=2, momentum=0)]
    found = compare("", runs)
    assert [len(group.trials) for group in found.groups] == [1, 1]
    assert found.repeated == 1


def test_without_a_finished_run_there_is_nothing_to_compare() -> None:
    with pytest.raises(UsageError, match=r"^sweep x: expected one finished run or more, found none"):
        compare("sweep x", [])


def test_a_value_is_called_by_its_setting_and_layers_by_themselves() -> None:
    found = compare("", [ending(x, sizes=[4, 2], cost=cost, eta=1.5) for x, cost in ((0.9, "a"), (0.8, "b"))])
    assert [group.name for group in found.groups] == ["cost=a", "cost=b"]
    assert compare("", [ending(x, sizes=[4, x * 10], eta=x) for x in (0.5, 0.6)]).groups[0].name == "eta=0.6 4-6.0"


def test_a_setting_of_a_choice_that_was_not_made_is_no_part_of_the_name() -> None:
    momentum: dict[str, Any] = {"optimiser": "momentum"}
    found = compare(
        "",
        [
            ending(0.9, optimiser="sgd"),
            ending(0.8, **momentum, **{"optimiser.momentum": 0.5}),
            ending(0.7, **momentum, **{"optimiser.momentum": 0.9}),
        ],
    )
    first, second, third = (group.name for group in found.groups)
    assert first == "optimiser=sgd"
    assert [second, third] == [f"optimiser=momentum optimiser.momentum={value}" for value in (0.5, 0.9)]


def test_a_value_that_is_none_is_named_where_nothing_else_differs() -> None:
    found = compare("", [ending(0.9, **{"data.limit": None}), ending(0.8, **{"data.limit": 100})])
    assert [group.name for group in found.groups] == ["data.limit=null", "data.limit=100"]


def test_values_that_look_alike_in_six_digits_are_told_apart() -> None:
    found = compare("", [ending(0.9 - eta, eta=eta, seed=seed) for eta in (0.10000001, 0.10000002) for seed in (0, 1)])
    assert [group.name for group in found.groups] == ["eta=0.10000001", "eta=0.10000002"]
    assert {chart.name for chart in charts(found)} >= {"learning_curves", "effect"}

"""The charts of a search."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from searches import search, tried, varied

from nnexp.plots.chart import Chart, Dots, Line, Shape
from nnexp.plots.svg_drawing import svg
from nnexp.searches.matters import Matters
from nnexp.searches.render.charts import charts
from nnexp.searches.render.scales import ACROSS, axis, window
from nnexp.searches.searched import Searched
from nnexp.study.objectives import VALIDATION

NOTHING = Matters(VALIDATION, 0)
TWO = (VALIDATION, "train_seconds")


def made(searched: Searched, found: Matters = NOTHING) -> dict[str, Chart]:
    return {figure.name: figure.chart for figure in charts(searched, found)}


def said(searched: Searched) -> dict[str, str]:
    return {figure.name: figure.shows for figure in charts(searched, NOTHING)}


@pytest.fixture(scope="module")
def usual() -> dict[str, Chart]:
    return made(varied())


@pytest.fixture(scope="module")
def of_two() -> dict[str, Chart]:
    return made(varied(objectives=TWO))


def words(chart: Chart) -> set[str]:
    return set(re.findall(r">([^<>]+)</text>", svg(chart, points=False)))


def marks(chart: Chart, kind: type) -> list[Any]:
    return [mark for panel in chart.panels for mark in panel.marks if isinstance(mark, kind)]


def dots(chart: Chart) -> list[tuple[float, float]]:
    """Where its dots are, rounded."""
    return [(x, round(y, 6)) for mark in marks(chart, Dots) for x, y in zip(mark.x, mark.y, strict=True)]


def best_so_far(chart: Chart) -> list[float]:
    return list(next(line for line in marks(chart, Line) if line.label == "best so far").y)


def test_a_search_has_history_settings_a_pair_coordinates_and_curves(usual: dict[str, Chart]) -> None:
    settings = ["by_eta", "by_optimiser", "by_optimiser_momentum"]
    assert [*usual] == ["history", *settings, "pair", "parallel", "learning_curves"]


def test_two_objectives_have_a_front_and_both_over_each_setting(of_two: dict[str, Chart]) -> None:
    assert next(iter(of_two)) == "front"
    assert [panel.name for panel in of_two["by_eta"].panels] == ["validation accuracy (%)", "training (s)"]


def test_one_trial_is_no_chart() -> None:
    assert made(search(tried(0, eta=1.0))) == {}
    assert made(search(tried(0, None, "pruned", eta=1.0))) == {}


def test_history_has_a_dot_for_each_trial_and_the_best_so_far() -> None:
    trials = [tried(number, value, eta=1.0 + number) for number, value in enumerate((0.9, 0.92, 0.91, 0.95))]
    chart = made(search(*trials))["history"]
    assert {(0, 90.0), (1, 92.0), (2, 91.0), (3, 95.0)} <= set(dots(chart))
    assert best_so_far(chart)[::2] == pytest.approx([90, 92, 92, 95])


def test_history_marks_pruned_trials_at_their_best_epoch() -> None:
    pruned = tried(2, None, "pruned", eta=3.0)
    chart = made(search(tried(0, 0.7, eta=1.0), tried(1, 0.75, eta=2.0), pruned))["history"]
    (cross,) = [mark for mark in marks(chart, Dots) if mark.shape is Shape.CROSS]
    assert (cross.x, cross.y) == ([2], [pytest.approx(100 * max(pruned.curve.values()))])


def test_history_has_a_line_for_the_default_settings_where_they_were_tried(usual: dict[str, Chart]) -> None:
    assert "default settings" in words(made(search(tried(0, 0.9, eta=3.0), tried(1, 0.92, eta=1.0)))["history"])
    assert "default settings" not in words(usual["history"])


def test_the_best_so_far_goes_down_where_less_is_better() -> None:
    trials = [tried(number, value, eta=1.0 + number) for number, value in enumerate((3.0, 2.0, 4.0))]
    assert best_so_far(made(search(*trials, objectives=["train_seconds"]))["history"])[::2] == [3, 2, 2]


def test_values_far_below_the_others_are_at_the_edge_and_counted() -> None:
    values = [0.1, 0.95, 0.96, 0.955, 0.958, 0.961, 0.957, 0.952]
    found = search(*[tried(number, value, eta=1.0 + number) for number, value in enumerate(values)])
    assert window(found, 0).low > 90
    chart = made(found)["history"]
    assert chart.panels[0].name == "validation accuracy (%); 1 worse at the edge"
    assert [list(mark.x) for mark in marks(chart, Dots) if mark.shape is Shape.DOWN] == [[0]]


def test_each_setting_that_varies_has_a_chart() -> None:
    found = search(*[tried(n, 0.9 + n / 1000, eta=1.0 + n, cost="ab"[n % 2], same=1) for n in range(6)])
    eta, cost = (chart for name, chart in made(found).items() if name.startswith("by_"))
    assert (eta.name, cost.name) == ("eta", "cost")
    assert eta.x.logarithmic
    assert list(cost.x.names) == ["a", "b"]


def test_a_trial_without_the_setting_is_not_over_it(usual: dict[str, Chart]) -> None:
    assert len(dots(usual["by_optimiser_momentum"])) < len(dots(usual["by_eta"]))


def test_few_numbers_that_come_again_are_columns_and_many_are_a_scale() -> None:
    found = search(*[tried(n, mini_batch_size=[5, 50][n % 2], epochs=n) for n in range(8)])
    few, many = axis(found, "mini_batch_size"), axis(found, "epochs")
    assert few is not None
    assert many is not None
    assert few.columns == [5, 50]
    assert not many.columns


def test_dots_of_a_column_do_not_hide_each_other() -> None:
    found = search(*[tried(n, cost="ab"[n % 2]) for n in range(8)])
    cost = axis(found, "cost")
    assert cost is not None
    places = cost.spread(found.trials, ACROSS)
    assert len(set(places)) == 8
    assert np.round(places).tolist() == [0, 1] * 4


def test_the_pair_is_of_the_settings_that_matter_most() -> None:
    found = Matters(VALIDATION, 12, {"optimiser": 0.6, "eta": 0.2, "rest": 0.2})
    chart = made(varied(), found)["pair"]
    assert (chart.name, chart.panels[0].name) == ("optimiser", "eta")


def test_coordinates_have_a_place_for_trials_without_the_setting(usual: dict[str, Chart]) -> None:
    assert "-" in words(usual["parallel"])


def test_a_front_is_named_by_the_numbers_of_its_trials(of_two: dict[str, Chart]) -> None:
    assert {str(trial.number) for trial in varied(objectives=TWO).front} <= {
        word.strip() for word in words(of_two["front"])
    }


def test_three_objectives_have_the_first_over_each_of_the_others() -> None:
    found = made(varied(objectives=(*TWO, "parameters")))
    assert [found[name].name for name in ("front", "front_parameters")] == ["training (s)", "parameters"]


def test_a_dot_says_which_trial_it_is_and_its_value(usual: dict[str, Chart]) -> None:
    trial = varied().complete[0]
    assert f"trial {trial.number}: validation {100 * trial.values[0]:.2f} %" in svg(usual["history"])


def test_what_a_chart_shows_is_said() -> None:
    found = varied()
    assert found.best is not None
    best = f"{100 * found.best.values[0]:.2f} %, of trial {found.best.number}"
    sentences = said(found)
    assert sentences["history"] == f"Validation accuracy by trial: the best is validation {best}."
    assert sentences["pair"].endswith(
        "the bluer, the better in validation accuracy; the best trial is ringed; a cross was pruned."
    )

"""The charts of a search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from searches import search, tried, varied

from nnexp.comparison.render.charts import Chart
from nnexp.searches.matters import Matters
from nnexp.searches.render.charts import charts
from nnexp.searches.render.scales import axis, window
from nnexp.searches.render.together import front
from nnexp.searches.searched import Searched
from nnexp.study.objectives import VALIDATION

NOTHING = Matters(VALIDATION, 0)
TWO = (VALIDATION, "train_seconds")


def made(searched: Searched, found: Matters = NOTHING) -> dict[str, Chart]:
    return {chart.name: chart for chart in charts(searched, found)}


@pytest.fixture(scope="module")
def usual() -> dict[str, Chart]:
    return made(varied())


@pytest.fixture(scope="module")
def of_two() -> dict[str, Chart]:
    return made(varied(objectives=TWO))


def words(chart: Chart) -> set[str]:
    from matplotlib.text import Text

    return {text.get_text() for text in chart.figure.findobj(Text) if isinstance(text, Text)}


def dots(axes: Any) -> list[tuple[float, float]]:
    """Where its dots are, of all of its scatters."""
    return [(x, y) for marks in axes.collections for x, y in np.ma.filled(marks.get_offsets(), np.nan)]


def test_a_search_has_history_slices_pair_coordinates_and_curves(usual: dict[str, Chart]) -> None:
    assert [*usual] == ["history", "slices", "pair", "parallel", "learning_curves"]


def test_several_objectives_have_a_front_and_slices_of_each(of_two: dict[str, Chart]) -> None:
    assert [*of_two] == ["front", "slices", "slices_train_seconds", "pair", "parallel", "learning_curves"]


def test_one_trial_is_no_chart() -> None:
    assert made(search(tried(0, eta=1.0))) == {}
    assert made(search(tried(0, None, "pruned", eta=1.0))) == {}


def test_history_has_a_dot_for_each_trial_and_the_best_so_far() -> None:
    trials = [tried(number, value, eta=1.0 + number) for number, value in enumerate((0.9, 0.92, 0.91, 0.95))]
    axes = made(search(*trials))["history"].figure.axes[0]
    assert {(0, 90.0), (1, 92.0), (2, 91.0), (3, 95.0)} <= {(x, round(y, 6)) for x, y in dots(axes)}
    assert np.asarray(axes.lines[0].get_ydata())[:4] == pytest.approx([90, 92, 92, 95])


def test_history_marks_pruned_trials_at_their_best_epoch() -> None:
    pruned = tried(2, None, "pruned", eta=3.0)
    axes = made(search(tried(0, 0.7, eta=1.0), tried(1, 0.75, eta=2.0), pruned))["history"].figure.axes[0]
    assert [y for x, y in dots(axes) if x == 2] == [pytest.approx(100 * max(pruned.curve.values()))]


def test_history_has_a_line_for_the_default_settings_where_they_were_tried(usual: dict[str, Chart]) -> None:
    assert "default settings" in words(made(search(tried(0, 0.9, eta=3.0), tried(1, 0.92, eta=1.0)))["history"])
    assert "default settings" not in words(usual["history"])


def test_the_best_so_far_goes_down_where_less_is_better() -> None:
    trials = [tried(number, value, eta=1.0 + number) for number, value in enumerate((3.0, 2.0, 4.0))]
    axes = made(search(*trials, objectives=["train_seconds"]))["history"].figure.axes[0]
    assert np.asarray(axes.lines[0].get_ydata())[:3].tolist() == [3, 2, 2]


def test_values_far_below_the_others_are_at_the_edge_and_counted() -> None:
    values = [0.1, 0.95, 0.96, 0.955, 0.958, 0.961, 0.957, 0.952]
    found = search(*[tried(number, value, eta=1.0 + number) for number, value in enumerate(values)])
    assert window(found, 0).low > 90
    assert "1 trial at the edge: worse than shown" in words(made(found)["history"])


def test_slices_have_a_panel_for_each_setting_that_varies() -> None:
    found = search(*[tried(n, 0.9 + n / 1000, eta=1.0 + n, cost="ab"[n % 2], same=1) for n in range(6)])
    panels = [axes for axes in made(found)["slices"].figure.axes if axes.get_visible()]
    assert [panel.get_xlabel() for panel in panels] == ["eta", "cost"]
    assert panels[0].get_xscale() == "log"
    assert [text.get_text() for text in panels[1].get_xticklabels()] == ["a", "b"]


def test_a_trial_without_the_setting_is_not_in_its_slice(usual: dict[str, Chart]) -> None:
    panels = {panel.get_xlabel(): panel for panel in usual["slices"].figure.axes}
    shown = {name: sum(np.isfinite(x) for x, _ in dots(panel)) for name, panel in panels.items() if name}
    assert shown["optimiser.momentum"] < shown["eta"]


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
    assert len(set(cost.spread(found.trials))) == 8
    assert np.round(cost.spread(found.trials)).tolist() == [0, 1] * 4


def test_the_pair_is_of_the_settings_that_matter_most() -> None:
    found = Matters(VALIDATION, 12, {"optimiser": 0.6, "eta": 0.2, "rest": 0.2})
    axes = made(varied(), found)["pair"].figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("optimiser", "eta")


def test_coordinates_have_a_place_for_trials_without_the_setting(usual: dict[str, Chart]) -> None:
    assert "-" in words(usual["parallel"])


def test_a_front_is_named_by_the_numbers_of_its_trials(of_two: dict[str, Chart]) -> None:
    assert {str(trial.number) for trial in varied(objectives=TWO).front} <= words(of_two["front"])


def test_three_objectives_have_the_first_over_each_of_the_others() -> None:
    axes = front(varied(objectives=(*TWO, "parameters"))).axes
    assert [each.get_xlabel() for each in axes] == ["training (s)", "parameters"]


def test_what_a_chart_shows_is_said(usual: dict[str, Chart]) -> None:
    found = varied()
    assert found.best is not None
    best = f"{100 * found.best.values[0]:.2f} %, of trial {found.best.number}"
    said = {name: chart.shows for name, chart in usual.items()}
    assert said["history"] == f"Validation accuracy by trial: the best is validation {best}."
    assert said["pair"].endswith("coloured by validation accuracy; the best trial is ringed; a cross was pruned.")

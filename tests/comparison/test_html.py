"""The charts, and the page that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from trials import ending, swept, trial

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.evidence import Evidence, Predictions
from nnexp.comparison.render.axes import axes_of, ordered
from nnexp.comparison.render.charts import charts
from nnexp.comparison.render.html import as_html
from nnexp.comparison.trial import Trial
from nnexp.data.dataset import Dataset
from nnexp.nn.examples import Examples
from nnexp.plots.chart import Boxes, Chart, Dots, Ink, Line, Words
from nnexp.plots.svg_drawing import svg


@pytest.mark.parametrize(
    ("names", "expected"),
    [((), "one curve"), (("eta",), "error bars"), (("eta", "epochs"), "heat map"), (("a", "b", "c"), "parallel")],
    ids=["none", "one", "two", "three"],
)
def test_there_is_a_picture_for_as_many_settings_as_differ(names: Sequence[str], expected: str) -> None:
    drawn = {figure.name: svg(figure.chart) for figure in charts(swept(*names))}
    assert "learning_curves" in drawn
    assert ("effect" in drawn) == bool(names)
    marks = {"error bars": "eta=1: ", "heat map": "<rect", "parallel": ">test (%)<", "one curve": ">all runs<"}
    assert marks[expected] in drawn.get("effect", drawn["learning_curves"])


def test_a_heat_map_leaves_open_what_was_not_run() -> None:
    found = swept("eta", "epochs", values=3)
    holes = compare("", [run for run in found.trials if run.settings["eta"] != 1 or run.settings["epochs"] != 1])
    assert len(marks(drawn(holes, "effect"), Boxes)[0].sides) == 8


def test_values_are_in_order_numbers_by_size_lists_by_their_numbers() -> None:
    assert ordered([10.0, 2, 10.0]) == [2, 10.0]
    assert ordered([[784, 100, 10], [784, 30, 10]]) == [[784, 30, 10], [784, 100, 10]]
    assert ordered(["tanh", "relu"]) == ["relu", "tanh"]


def test_a_dollar_in_a_value_begins_no_formula() -> None:
    found = compare("", [ending(0.9, data=data, seed=seed) for data in ("$x{$", "b") for seed in (0, 1)])
    assert ">$x{$<" in "".join(svg(figure.chart) for figure in charts(found))


def test_the_page_says_what_makes_the_pairs() -> None:
    apart = [ending(0.9 + seed / 1000, eta=3, seed=seed) for seed in (7, 8, 9)]
    paired = swept("eta")
    assert "difference between results of one seed ±" in as_html(paired, [], None)
    other = as_html(compare("", [*paired.groups[0].trials, *apart]), [], None)
    assert "difference between results in the order of seeds ±" in other
    both = as_html(compare("", [*paired.trials, *apart]), [], None)
    assert "between results of one seed or, where few seeds are shared, results in the order of seeds ±" in both


def of_differences(comparison: Comparison) -> list[list[str]]:
    """The rows of the table of differences, the names of its columns first."""
    _, _, rest = as_html(comparison, [], None).partition('id="differences"')
    table = rest.partition("</table>")[0]
    return [re.findall(r">([^<>]+)</t[hd]>", row) for row in table.split("<tr>")[1:]]


def test_the_setting_ahead_on_validation_is_first_also_where_it_is_behind_on_test() -> None:
    def runs(eta: int, validation: float, test: float) -> list[Trial]:
        return [trial((0.1, validation), (0.1, test + seed / 1000 * eta), eta=eta, seed=seed) for seed in range(4)]

    found = compare("", [*runs(1, 0.95, 0.8), *runs(2, 0.9, 0.9), *runs(3, 0.85, 0.7)])
    names, *rows = of_differences(found)
    assert names[:3] == ["ahead on validation", "against", "points"]
    assert [row[:2] for row in rows] == [["eta=1", "eta=2"], ["eta=1", "eta=3"]]
    assert [row[2].partition(" ")[0] for row in rows] == ["-10.15", "9.70"]
    low, high = map(float, rows[0][3].split(" to "))
    assert low < -10.15 < high < 0
    assert float(rows[0][4]) < 0 < float(rows[1][4])


def test_there_is_a_column_of_intervals_where_there_are_seeds_enough_for_one() -> None:
    assert "interval" in of_differences(swept("eta", seeds=3))[0]
    assert "interval" not in of_differences(swept("eta", seeds=2))[0]
    assert "The interval of the mean" not in as_html(swept("eta", seeds=2), [], None)


def drawn(comparison: Comparison, name: str) -> Chart:
    return next(figure.chart for figure in charts(comparison) if figure.name == name)


def marks(chart: Chart, kind: type) -> list[Any]:
    """The marks of that kind."""
    return [mark for panel in chart.panels for mark in panel.marks if isinstance(mark, kind)]


def test_a_cell_of_the_heat_map_is_the_mean_of_its_settings() -> None:
    found = swept("eta", "epochs", values=3)
    chart = drawn(found, "effect")
    (boxes,) = marks(chart, Boxes)
    cells = {
        (chart.x.names[round(left + 0.5)], chart.panels[0].y.names[round(bottom + 0.5)]): text
        for (left, _, bottom, _), text in zip(boxes.sides, boxes.texts, strict=True)
    }
    across, down = chart.name, chart.panels[0].name
    assert cells == {
        (str(group.varying[across]), str(group.varying[down])): f"{100 * group.test.mean:.2f}" for group in found.groups
    }


@pytest.mark.parametrize("values", [2, 16])
def test_words_of_parallel_lines_stand_clear_of_each_other(values: int) -> None:
    names = [f"a_setting_of_a_long_name_{letter}" for letter in "abcdefghij"]
    found = compare("", [ending(0.9 + place / 1000, **dict.fromkeys(names, 1000.5 + place)) for place in range(values)])
    chart = drawn(found, "effect")
    for level in {words.y for words in marks(chart, Words)}:
        ends = [ends_of(words, chart) for words in marks(chart, Words) if (words.y, words.down > 0) == (level, True)]
        assert len(ends) >= 2
        assert all(right < left for (_, right), (left, _) in pairwise(ends))


def ends_of(words: Words, chart: Chart) -> tuple[float, float]:
    """Where a text begins and ends, in pixels."""
    width, (place,) = 7 * len(words.text), chart.x.place([words.x]) * chart.width
    left = place - {"start": 0, "middle": width / 2, "end": width}[words.anchor]
    return left, left + width


def test_a_parallel_line_ends_at_its_test_accuracy() -> None:
    found = swept("a", "b", "c")
    lines = {tuple(line.x) for line in marks(drawn(found, "effect"), Line) if line.says}
    tests = [group.test.mean for group in found.groups]
    low, high = min(tests), max(tests)
    expected = {
        (*(group.varying[name] - 1.0 for name in "abc"), (group.test.mean - low) / (high - low))
        for group in found.groups
    }
    assert sorted(lines) == [pytest.approx(line) for line in sorted(expected)]


def intervals(found: Comparison) -> list[list[float]]:
    """The ends of its error bars."""
    return [list(line.y) for line in marks(drawn(found, "effect"), Line) if len(set(line.x)) == 1]


def test_an_error_bar_is_the_interval_of_the_mean() -> None:
    found = swept("eta")
    expected = [[100 * group.test.low, 100 * group.test.high] for group in found.groups if group.test.low]
    assert len(expected) == 2
    assert sorted(intervals(found)) == [pytest.approx(of_group) for of_group in sorted(expected)]


def test_an_error_bar_ends_where_accuracies_do() -> None:
    found = compare(
        "", [ending(accuracy, seed=seed, eta=eta) for eta in (1, 2) for seed, accuracy in ((0, 0.8), (1, 1))]
    )
    assert intervals(found) == [[pytest.approx(0), pytest.approx(100)]] * 2


def test_every_run_is_a_dot_beside_its_mean() -> None:
    found = swept("eta")
    dots = marks(drawn(found, "effect"), Dots)
    runs, means = [each for each in dots if each.strengths], [each for each in dots if not each.strengths]
    tests = sorted(100 * run.chosen_test for run in found.trials)
    assert sorted(y for each in runs for y in each.y) == pytest.approx(tests)
    assert all(x > mean for each, of in zip(runs, means, strict=True) for x in each.x for mean in of.x)


def test_a_setting_has_the_same_colour_in_every_chart() -> None:
    found = swept("eta", values=7)
    curves = {line.label.removeprefix("eta="): line.ink for line in marks(drawn(found, "learning_curves"), Line)}
    means = {each.says[0][4]: each.ink for each in marks(drawn(found, "effect"), Dots) if not each.strengths}
    assert {name: means[name] for name in "76543"} == {name: curves[name] for name in "76543"}
    assert means["1"] == means["2"] == Ink.GREY


def test_a_learning_curve_is_of_test_accuracy_behind_the_untrained_network() -> None:
    (line,) = marks(drawn(compare("", [trial()]), "learning_curves"), Line)
    assert (line.x, line.y) == ([1, 2, 3], pytest.approx([70, 80, 90]))


def test_a_long_name_is_whole_in_the_legend() -> None:
    found = swept(*(f"a_setting_of_a_long_name_{letter}" for letter in "abc"))
    words = " ".join(re.findall(r">([^<>]+)</text>", svg(drawn(found, "learning_curves"), points=False)))
    assert all(group.name in words for group in found.groups[:5])


def test_a_cell_of_the_confusion_matrix_is_coloured_for_mistakes_alone() -> None:
    assert as_html(swept("eta"), [], judged([1, *RIGHT[1:]], None)).count("rgba(var(--heat)") == 1


def test_images_stand_under_the_network_that_is_right() -> None:
    text = as_html(swept("eta"), [], judged(RIGHT, [*RIGHT[:9], 1]))
    assert text.index("Only eta=2 is right") < text.index("9: 9 or 1") < text.index("Only eta=1 is right")


class Page(HTMLParser):
    """What a page links to and shows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "xlink:href") and value]


def judged(said_best: Sequence[int], said_other: Sequence[int] | None) -> Evidence:
    """Ten images of 6 x 6 with the labels 0 to 9, and the answers of two networks."""
    images = Examples(np.arange(360, dtype=np.uint8).reshape(10, 36), np.arange(10), 1 / 256)
    dataset = Dataset("made", images, images, images, (6, 6), 10, "0")
    other = None if said_other is None else Predictions("eta=1", np.array(said_other))
    return Evidence(dataset, Predictions("eta=2", np.array(said_best)), other)


RIGHT = list(range(10))


def test_images_are_shown_that_one_gets_right_and_the_other_wrong() -> None:
    evidence = judged(RIGHT, [0, 1, 2, 3, 4, 5, 6, 7, 1, 1])
    text = as_html(swept("eta"), [], evidence)
    assert text.count("data:image/png;base64,") == 2
    assert "9: 9 or 1" in text
    assert (evidence.test.only_a, evidence.test.only_b) == (2, 0)
    assert evidence.sentence.startswith(
        "2 images are classified correctly by eta=2 alone, 0 by eta=1 alone: "
        "these two networks do not differ significantly (McNemar's test, p = 0.500)"
    )


def test_the_confusion_matrix_counts_true_by_row_and_said_by_column() -> None:
    confusion = judged([1, *RIGHT[1:]], None).confusion
    assert confusion[0].tolist() == [0, 1, *[0] * 8]
    assert confusion.sum() == 10


def test_examples_that_are_no_images_are_not_shown() -> None:
    images = Examples(np.arange(360, dtype=np.uint8).reshape(10, 36), np.arange(10), 1 / 256)
    for shape in ((36,), (2, 6, 3), (2, 18)):
        dataset = Dataset("made", images, images, images, shape, 10, "0")
        found = Evidence(dataset, Predictions("eta=2", np.arange(10)), Predictions("eta=1", np.zeros(10, dtype=int)))
        text = as_html(swept("eta"), [], found)
        assert "data:image" not in text
        assert "9 images are classified correctly by eta=2 alone" in text


def test_the_page_stands_alone() -> None:
    page = Page(as_html(swept("eta"), list(charts(swept("eta"))), judged(RIGHT, [*RIGHT[:9], 0])))
    assert "svg" in page.tags
    assert page.tags.count("script") == 1
    assert not {"link", "iframe"} & set(page.tags)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)


def test_names_that_look_like_markup_are_text() -> None:
    found = compare("<b>sweep</b>", [ending(0.9, data="<script>alert(1)</script>"), ending(0.8, data="b")])
    text = as_html(found, list(charts(found)), None)
    assert "<script>alert" not in text
    assert "<b>sweep" not in text


def test_settings_that_all_runs_have_are_below_the_table() -> None:
    page = as_html(compare("", [ending(0.9, eta=eta, data="mnist") for eta in (1, 2)]), [], None)
    assert page.index("</table>") < page.index("<summary>Same in all 2 runs</summary>") < page.index("data=mnist")
    assert "<summary>Settings of the run</summary>" in as_html(compare("", [ending(0.9)]), [], None)


def test_the_page_of_fifty_runs_is_small() -> None:
    def run(eta: int, seed: int) -> Trial:
        curve = [1 - 1 / (2 + epoch + eta + seed / 10) for epoch in range(30)]
        return trial(curve, curve, eta=eta, seed=seed)

    found = compare("", [run(eta, seed) for eta in range(10) for seed in range(5)])
    assert len(as_html(found, list(charts(found)), None)) < 300_000


def test_a_page_without_weights_says_why() -> None:
    assert "No confusion matrix and no images: run 1 has no weights." in as_html(
        swept("eta"), [], None, "run 1 has no weights"
    )


@pytest.mark.parametrize(("epochs", "cut"), [(3, False), (20, True)])
def test_first_epochs_that_leave_the_learning_curves_are_told(epochs: int, cut: bool) -> None:
    curve = [0.1, 0.3, *[0.9] * (epochs - 1)]
    assert ("not shown" in drawn(compare("", [trial(curve, curve)]), "learning_curves").name) == cut


def test_a_later_dip_is_in_the_learning_curves() -> None:
    curve = [0.1, 0.3, *[0.9] * 10, 0.4, *[0.9] * 10]
    chart = drawn(compare("", [trial(curve, curve)]), "learning_curves")
    (line,) = marks(chart, Line)
    assert "not shown" in chart.name
    assert line.x == list(range(2, 23))
    assert min(line.y) == pytest.approx(40)
    assert chart.panels[0].y.low <= 40


def test_settings_that_change_together_are_one_axis() -> None:
    zipped = [("quadratic", 3.0), ("cross_entropy", 0.5)]
    trials = [ending(0.9, cost=cost, eta=eta, lmbda=lmbda) for cost, eta in zipped for lmbda in (0, 1)]
    axes = axes_of(compare("", trials))
    assert [(axis.name, axis.names) for axis in axes] == [
        ("eta, cost", ["0.5, cross_entropy", "3, quadratic"]),
        ("lmbda", ["0", "1"]),
    ]


def test_a_setting_of_a_choice_is_no_axis_beside_it() -> None:
    trials = [ending(0.9, optimiser="sgd"), ending(0.8, optimiser="momentum", **{"optimiser.momentum": 0.9})]
    (axis,) = axes_of(compare("", trials))
    assert (axis.name, axis.names) == ("optimiser", ["momentum", "sgd"])

"""Runs side by side: what is chosen, what is reported, and the page that shows it."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from running import give_store, run_nnexp

from nnexp.cli import main
from nnexp.compare.comparison import Comparison, compare
from nnexp.compare.evidence import Answers, Evidence, evidence
from nnexp.compare.load import meant, trials
from nnexp.compare.render import sentences
from nnexp.compare.render.charts import charts
from nnexp.compare.render.effects import ordered
from nnexp.compare.render.html import report
from nnexp.compare.render.json_data import as_dict
from nnexp.compare.render.text import as_csv, markdown
from nnexp.compare.trial import Trial
from nnexp.data.dataset import Dataset
from nnexp.errors import UsageError
from nnexp.nn.examples import Examples
from nnexp.plots.canvas import svg
from nnexp.tracking.contract import StoredRun
from nnexp.tracking.mlflow import histories, private
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import SUMMARY

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def trial(
    validation: Sequence[float] = (0.1, 0.8, 0.9, 0.85), test: Sequence[float] = (0.1, 0.7, 0.8, 0.9), **settings: Any
) -> Trial:
    """A finished run with these accuracies by epoch."""
    named = {"eta": 1.0, "seed": 0} | settings
    return Trial(
        id="".join(f"{value}" for value in named.values()),
        name=" ".join(f"{name}={value}" for name, value in named.items()),
        status="FINISHED",
        settings=named,
        validation=dict(enumerate(validation)),
        test=dict(enumerate(test)),
        seconds=2.0,
        test_images=10_000,
        command=f"python -m nnexp.run eta={named['eta']}",
    )


def ending(accuracy: float, **settings: Any) -> Trial:
    """A run of one epoch that ends so, on validation and on test."""
    return trial((0.1, accuracy), (0.1, accuracy), **settings)


def swept(*names: str, values: int = 2, seeds: int = 3) -> Comparison:
    """A grid over these settings; each step is a point better, and the seeds differ a little."""
    noise = np.random.default_rng(0)
    cells = itertools.product(*[range(1, values + 1)] * len(names), range(seeds))
    return compare(
        "a sweep",
        [
            ending(
                0.9 + 0.01 * sum(cell[:-1]) + noise.normal(0, 0.0005), **dict(zip((*names, "seed"), cell, strict=True))
            )
            for cell in cells
        ],
    )


# What is chosen and what is reported.


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
        "eta=2 seed=1: 95.00 % on validation, 95.00 % on test (epoch 1); on average over seeds eta=1 is ahead"
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


def test_a_choice_is_called_by_itself_and_a_number_by_its_setting() -> None:
    found = compare("", [ending(x, sizes=[4, 2], cost=cost, eta=1.5) for x, cost in ((0.9, "a"), (0.8, "b"))])
    assert [group.name for group in found.groups] == ["a", "b"]
    assert compare("", [ending(x, sizes=[4, x * 10], eta=x) for x in (0.5, 0.6)]).groups[0].name == "eta=0.6 4-6.0"


def test_values_that_look_alike_in_six_digits_are_told_apart() -> None:
    found = compare("", [ending(0.9 - eta, eta=eta, seed=seed) for eta in (0.10000001, 0.10000002) for seed in (0, 1)])
    assert [group.name for group in found.groups] == ["eta=0.10000001", "eta=0.10000002"]
    assert {chart.name for chart in charts(found)} >= {"learning_curves", "effect"}


# What is said.


def test_a_clear_difference_is_told_in_points() -> None:
    line = sentences.headline(swept("eta"))
    assert re.fullmatch(r"eta=2 beats eta=1 by [01]\.\d\d ± 0\.\d\d points \(3 seeds, p [=<] 0\.0\d\d\)", line)


def test_one_seed_each_tells_nothing() -> None:
    found = swept("eta", seeds=1)
    assert (
        sentences.headline(found) == "can't tell which of 2 settings is better from one seed each: try 'seed=range(5)'"
    )
    assert sentences.verdict_lines(found) == []


def test_the_best_is_compared_with_every_other_and_p_corrected_for_all_pairs() -> None:
    found = swept("eta", values=4)
    assert [{verdict.a, verdict.b} for verdict in found.verdicts] == [{"eta=4", f"eta={other}"} for other in (3, 2, 1)]
    assert found.pairs == 6
    line = sentences.verdict_lines(found)[-1]
    assert line == "p holds at every look, and is corrected for all 6 pairs of settings (Holm)"


def test_verdicts_are_of_the_accuracy_that_is_reported() -> None:
    """The settings differ in the epochs that validation has chosen, and not in the last ones."""
    found = compare(
        "",
        [
            trial((0, 0.9 + eta / 100, 0.8), (0, 0.5 + 0.1 * eta + seed / 1000, 0.7 + seed / 1000), eta=eta, seed=seed)
            for eta in (1, 2)
            for seed in range(3)
        ],
    )
    assert found.verdicts[0].difference.mean == pytest.approx(0.1)


def test_verdicts_beyond_the_first_are_counted() -> None:
    line = sentences.verdict_lines(swept("eta", values=5, seeds=5), most=1)[1]
    assert line == "of the 3 others, 3 can be told from it"


def test_what_the_result_goes_with_is_told() -> None:
    shares = re.fullmatch(r"(.*) (\d+) %, (.*) (\d+) %, in combination 0 %, rest 0 %", _goes_with("eta", "epochs"))
    assert shares
    assert {shares[1], shares[3]} == {"eta", "epochs"}
    assert int(shares[2]) + int(shares[4]) in (99, 100, 101)


def _goes_with(*names: str) -> str:
    return sentences.importance_line(swept(*names))


def test_what_the_result_goes_with_is_asked_of_the_accuracy_that_is_reported() -> None:
    runs = [
        trial((0, 0.9, 0.8), (0, 0.5 + 0.1 * eta + 0.001 * seed, 0.7 + 0.1 * seed), eta=eta, seed=seed)
        for eta in (1, 2)
        for seed in range(3)
    ]
    assert compare("", runs).importance["eta"] > 0.99


def test_runs_that_were_judged_by_different_data_are_not_told_apart() -> None:
    found = compare("", [ending(0.9 + x, data=data, seed=s) for data, x in (("a", 0), ("b", 0.05)) for s in range(5)])
    assert sentences.headline(found).endswith("these runs were judged by different test data")
    assert sentences.verdict_lines(found) == []


def test_a_grid_with_a_hole_is_worked_out_as_a_full_one_is() -> None:
    grid = swept("eta", "epochs", values=3)
    whole, less = grid.importance, compare("", grid.trials[1:]).importance
    assert less == pytest.approx(whole, abs=0.02)
    assert "forest" not in sentences.importance_line(compare("", grid.trials[1:]))


def test_a_forest_is_named_where_the_runs_are_no_grid() -> None:
    found = compare("", [ending(0.9 + eta / 1000, eta=eta) for eta in range(20)])
    assert "random forest" in sentences.importance_line(found)


def test_what_all_runs_share_is_told_apart_from_what_differs() -> None:
    found = compare("", [ending(0.9, eta=eta, epochs=3, seed=eta) for eta in (1, 2)])
    assert found.common == {"epochs": 3}


def test_two_seeds_have_no_interval_of_the_difference() -> None:
    (verdict,) = as_dict(swept("eta", seeds=2))["verdicts"]
    assert verdict["low"] is None
    assert verdict["high"] is None


def test_json_has_the_range_of_more_seeds() -> None:
    found = swept("eta", seeds=2)
    (verdict,) = as_dict(found)["verdicts"]
    assert (verdict["more_seeds_at_least"], verdict["more_seeds"]) == found.verdicts[0].more


# The table.


def test_the_table_has_means_and_intervals_where_there_are_several_seeds() -> None:
    found = compare("", [ending(0.9, seed=0), ending(0.92, seed=1), ending(0.91, seed=2)])
    head, _, row = markdown(found).splitlines()
    assert head == "| seeds | best validation | test | 95 % interval | last test | epoch | seconds | best run |"
    assert row.startswith("| 3 | 91.00 ± 1.00 % | 91.00 ± 1.00 % | 88.52 to 93.48 | 91.00 ± 1.00 % | 1 | 2.0 | ")


def test_the_table_has_plain_numbers_where_there_is_one() -> None:
    head = markdown(swept("eta", seeds=1)).splitlines()[0]
    assert head == "| eta | best validation | test | last test | epoch | seconds | best run |"


def test_an_interval_ends_where_accuracies_do() -> None:
    found = compare("", [ending(0.99, seed=0), ending(0.97, seed=1)])
    assert "85.29 to 100.00" in markdown(found)


def test_csv_has_all_digits() -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv(compare("", [ending(0.912345678)]))))
    assert float(row["best validation"]) == 0.912345678


def test_json_has_the_interval_the_effect_and_the_command() -> None:
    said = json.loads(json.dumps(as_dict(swept("eta", seeds=5))))
    (verdict,) = said["verdicts"]
    assert verdict["low"] < verdict["difference"] < verdict["high"]
    assert verdict["effect"] > 1
    assert verdict["told"] is True
    assert said["best"]["command"].startswith("python -m nnexp.run eta=2")


def test_json_has_the_corrected_p() -> None:
    found = swept("eta", values=3)
    said = [verdict["p"] for verdict in as_dict(found)["verdicts"]]
    assert said == [verdict.p for verdict in found.verdicts]
    assert said != [verdict.difference.p for verdict in found.verdicts]


# The charts and the page.


@pytest.mark.parametrize(
    ("names", "expected"),
    [((), "one curve"), (("eta",), "error bars"), (("eta", "epochs"), "heat map"), (("a", "b", "c"), "parallel")],
    ids=["none", "one", "two", "three"],
)
def test_there_is_a_picture_for_as_many_settings_as_differ(names: Sequence[str], expected: str) -> None:
    drawn = {chart.name: svg(chart.figure) for chart in charts(swept(*names))}
    assert "learning_curves" in drawn
    assert ("effect" in drawn) == bool(names)
    marks = {"error bars": ">eta<", "heat map": "QuadMesh", "parallel": ">test (%)<", "one curve": ">all runs<"}
    assert marks[expected] in drawn.get("effect", drawn["learning_curves"])


def test_a_heat_map_leaves_open_what_was_not_run() -> None:
    found = swept("eta", "epochs", values=3)
    holes = compare("", [run for run in found.trials if run.settings["eta"] != 1 or run.settings["epochs"] != 1])
    picture = next(svg(chart.figure) for chart in charts(holes) if chart.name == "effect")
    assert len([line for line in picture.splitlines() if ">9" in line and "</text>" in line]) >= 8


def test_values_are_in_order_numbers_by_size_lists_by_their_numbers() -> None:
    assert ordered([10.0, 2, 10.0]) == [2, 10.0]
    assert ordered([[784, 100, 10], [784, 30, 10]]) == [[784, 30, 10], [784, 100, 10]]
    assert ordered(["tanh", "relu"]) == ["relu", "tanh"]


def test_a_dollar_in_a_value_begins_no_formula() -> None:
    found = compare("", [ending(0.9, data=data, seed=seed) for data in ("$x{$", "b") for seed in (0, 1)])
    assert ">$x{$<" in "".join(svg(chart.figure) for chart in charts(found))


def test_the_page_says_what_makes_the_pairs() -> None:
    apart = [ending(0.9 + seed / 1000, eta=3, seed=seed) for seed in (7, 8, 9)]
    paired = swept("eta")
    assert "difference between results of one seed ±" in report(paired, [], None)
    other = report(compare("", [*paired.groups[0].trials, *apart]), [], None)
    assert "difference between results in the order of seeds ±" in other
    both = report(compare("", [*paired.trials, *apart]), [], None)
    assert "between results of one seed or, where few seeds are shared, results in the order of seeds ±" in both


def drawn(comparison: Comparison, name: str) -> Any:
    """The axes of the chart."""
    return next(chart.figure for chart in charts(comparison) if chart.name == name).axes[0]


def test_a_cell_of_the_heat_map_is_the_mean_of_its_settings() -> None:
    found = swept("eta", "epochs", values=3)
    axes = drawn(found, "effect")
    mesh = axes.collections[0].get_array()
    down, across = ([text.get_text() for text in axis.get_ticklabels()] for axis in (axes.yaxis, axes.xaxis))
    for group in found.groups:
        row = down.index(str(group.varying[axes.get_ylabel()]))
        column = across.index(str(group.varying[axes.get_xlabel()]))
        assert mesh[row, column] == pytest.approx(100 * group.test.mean)


def test_an_error_bar_is_the_interval_of_the_mean() -> None:
    found = swept("eta")
    ends = {tuple(segment[:, 1]) for segment in drawn(found, "effect").containers[0].lines[2][0].get_segments()}
    expected = [(100 * group.test.low, 100 * group.test.high) for group in found.groups]
    assert sorted(ends) == [pytest.approx(of_group) for of_group in sorted(expected)]


def test_a_learning_curve_is_of_test_accuracy_behind_the_untrained_network() -> None:
    (line,) = drawn(compare("", [trial()]), "learning_curves").lines
    assert line.get_xydata().tolist() == [[1, 70], [2, 80], [3, 90]]


def test_a_cell_of_the_confusion_matrix_is_coloured_for_mistakes_alone() -> None:
    assert report(swept("eta"), [], judged([1, *RIGHT[1:]], None)).count("rgba(var(--heat)") == 1


def test_images_stand_under_the_network_that_is_right() -> None:
    text = report(swept("eta"), [], judged(RIGHT, [*RIGHT[:9], 1]))
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
    other = None if said_other is None else Answers("eta=1", np.array(said_other))
    return Evidence(dataset, Answers("eta=2", np.array(said_best)), other)


RIGHT = list(range(10))


def test_images_are_shown_that_one_gets_right_and_the_other_wrong() -> None:
    evidence = judged(RIGHT, [0, 1, 2, 3, 4, 5, 6, 7, 1, 1])
    text = report(swept("eta"), [], evidence)
    assert text.count("data:image/png;base64,") == 2
    assert "9: 9 or 1" in text
    assert (evidence.test.only_a, evidence.test.only_b) == (2, 0)
    assert evidence.sentence.startswith(
        "2 images only eta=2 gets right, 0 only eta=1: no difference between these two can be told (McNemar, p = 0.500)"
    )


def test_the_confusion_matrix_counts_true_by_row_and_said_by_column() -> None:
    confusion = judged([1, *RIGHT[1:]], None).confusion
    assert confusion[0].tolist() == [0, 1, *[0] * 8]
    assert confusion.sum() == 10


def test_examples_that_are_no_images_are_not_shown() -> None:
    images = Examples(np.arange(360, dtype=np.uint8).reshape(10, 36), np.arange(10), 1 / 256)
    for shape in ((36,), (2, 6, 3), (2, 18)):
        dataset = Dataset("made", images, images, images, shape, 10, "0")
        found = Evidence(dataset, Answers("eta=2", np.arange(10)), Answers("eta=1", np.zeros(10, dtype=int)))
        text = report(swept("eta"), [], found)
        assert "data:image" not in text
        assert "9 images only eta=2 gets right" in text


def test_the_page_stands_alone() -> None:
    page = Page(report(swept("eta"), list(charts(swept("eta"))), judged(RIGHT, [*RIGHT[:9], 0])))
    assert "svg" in page.tags
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert all(address.startswith(("data:", "#")) for address in page.addresses)


def test_names_that_look_like_markup_are_text() -> None:
    found = compare("<b>sweep</b>", [ending(0.9, data="<script>alert(1)</script>"), ending(0.8, data="b")])
    text = report(found, list(charts(found)), None)
    assert "<script" not in text
    assert "<b>sweep" not in text


def test_a_page_without_weights_says_why() -> None:
    assert "No confusion matrix and no images: run 1 has no weights." in report(
        swept("eta"), [], None, "run 1 has no weights"
    )


# The command, on real runs.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep over eta and three seeds."""
    folder = give_store(tmp_path_factory.mktemp("compare"))
    done = run_nnexp(folder, "-m", "experiments=quick", "epochs=2", "eta=0.01,1", "seed=0,1,2", "sweep.name=first")
    assert done.returncode == 0, done.stderr
    return folder


def nnexp(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """The command in this process: exit code, output, errors."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, ["compare", *arguments], env={"COLUMNS": "160"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def summary_of(folder: Path) -> Any:
    from mlflow import MlflowClient

    (run,) = MlflowClient(f"sqlite:///{folder}/mlflow.db").search_runs(["2"], "tags.`nnexp.summary` = 'first'")
    return run


@pytest.mark.parametrize("what", [["first"], ["fir"], [], ["nnexp"]], ids=["sweep", "beginning", "all", "experiment"])
def test_a_sweep_or_an_experiment_is_compared(folder: Path, what: list[str]) -> None:
    code, output, _ = nnexp(folder, *what)
    assert code == 0
    assert output.split()[:2] == ["eta", "seeds"]
    said = output.splitlines()
    assert said[3].startswith("eta=1 beats eta=0.01 by ")
    assert said[5].startswith("best run: eta=1 seed=")
    assert "validation accuracy chooses, test accuracy is reported" in output
    assert "the best run again: python -m nnexp.run" in output


def test_a_summary_stands_for_its_sweep(folder: Path) -> None:
    assert json.loads(nnexp(folder, summary_of(folder).info.run_id, "--json")[1])["title"] == "sweep first"


def test_two_runs_are_compared_image_by_image(folder: Path) -> None:
    groups = json.loads(nnexp(folder, "--json")[1])["groups"]
    code, output, _ = nnexp(folder, groups[0]["runs"][0], groups[1]["runs"][0])
    assert code == 0
    assert "these two networks differ (McNemar, p < 0.001)" in output


def stored(folder: Path) -> tuple[Comparison, dict[str, StoredRun]]:
    """The sweep's comparison, and its runs as the store has them now."""
    runs = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open().search()
    return compare("", trials(runs[0].store, runs)), {run.id: run for run in runs}


def test_the_networks_that_are_asked_are_those_whose_accuracies_are_reported(folder: Path) -> None:
    comparison, runs = stored(folder)
    found = evidence(comparison, runs)
    rivals = [comparison.best, comparison.groups[1].best]
    assert [right.mean() for right in found.right] == pytest.approx([run.chosen_test for run in rivals])
    assert found.other
    assert [found.best.name, found.other.name] == [f"eta={run.settings['eta']:g} seed={run.seed}" for run in rivals]


def test_the_last_weights_are_not_needed(folder: Path) -> None:
    """Those of the epoch that validation has chosen are the ones."""
    comparison, runs = stored(folder)
    (last,) = folder.glob(f"mlruns/*/{comparison.best.id}/artifacts/weights.npz")
    last.rename(last.with_suffix(".away"))
    try:
        assert evidence(comparison, runs).right[0].mean() == pytest.approx(comparison.best.chosen_test)
    finally:
        last.with_suffix(".away").rename(last)


def with_other_data(run: StoredRun) -> StoredRun:
    return replace(run, tags={**run.tags, "nnexp.data.sha256": "0" * 64})


def test_networks_judged_by_other_data_are_not_compared_image_by_image(folder: Path) -> None:
    comparison, runs = stored(folder)
    for run in comparison.groups[1].trials:
        runs[run.id] = with_other_data(runs[run.id])
    assert evidence(comparison, runs).other is None


def test_there_are_no_images_from_data_that_has_changed_since(folder: Path) -> None:
    comparison, runs = stored(folder)
    runs[comparison.best.id] = with_other_data(runs[comparison.best.id])
    with pytest.raises(UsageError, match=r"its data has SHA-256 [0-9a-f]{8} now, expected 00000000"):
        evidence(comparison, runs)


def test_data_that_changed_under_its_name_is_two_settings(folder: Path) -> None:
    _, runs = stored(folder)
    for run in list(runs.values())[::2]:
        runs[run.id] = with_other_data(run)
    over = compare("", trials(next(iter(runs.values())).store, list(runs.values()))).over
    assert set(over) == {"eta", "data"}


def test_only_what_can_change_the_result_differs(folder: Path) -> None:
    _, runs = stored(folder)
    for number, run in enumerate(list(runs.values())):
        params = {**run.params, "monitor": f"[{number}]", "pictures": str(number)}
        runs[run.id] = replace(run, params=params)
    made = trials(next(iter(runs.values())).store, list(runs.values()))
    assert compare("", made).over == ["eta"]
    assert {run.test_images for run in made} == {300}


def test_two_seeds_of_one_setting_are_compared_image_by_image_too(folder: Path) -> None:
    first, second, _ = json.loads(nnexp(folder, "--json")[1])["groups"][0]["runs"]
    assert "McNemar" in nnexp(folder, first, second)[1]


def test_accuracies_are_those_that_the_runs_have_logged(folder: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    group = json.loads(nnexp(folder, "--json")[1])["groups"][0]
    runs = [client.get_run(run_id) for run_id in group["runs"]]
    logged = [run.data.metrics["best_validation_accuracy"] for run in runs]
    assert group["best validation"] == pytest.approx(np.mean(logged))
    assert group["best validation sd"] == pytest.approx(np.std(logged, ddof=1))


def test_a_report_is_written(folder: Path, tmp_path: Path) -> None:
    code, output, _ = nnexp(folder, "first", "--html", str(tmp_path / "report.html"))
    assert code == 0
    assert f"report  {tmp_path / 'report.html'}" in output
    page = Page((tmp_path / "report.html").read_text())
    assert page.tags.count("svg") == 3
    assert "What the best run confuses" in (tmp_path / "report.html").read_text()


def test_an_earlier_report_stays_whole_until_the_new_one_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "report.html"
    page.write_text("earlier")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, error = nnexp(folder, "first", "--html", str(page))
    assert (code, error) == (2, f"--html: {page} can't be written (No space left on device)\n")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("report.html", b"earlier")]


def test_what_is_unknown_is_told_with_what_there_is(folder: Path) -> None:
    code, _, error = nnexp(folder, "nothing")
    assert code == 2
    assert error.startswith("run: got 'nothing', expected the id of one run")
    assert "sweeps: first; experiments: " in error


def test_a_report_goes_into_a_folder_that_is_there(folder: Path) -> None:
    code, _, error = nnexp(folder, "--html", "no/where.html")
    assert code == 2
    assert error == "--html: got 'no/where.html', expected a file in a folder that is there\n"


def test_a_sweep_keeps_its_report_and_charts_on_its_summary(folder: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db")
    run_id = summary_of(folder).info.run_id
    files = {file.path for path in (None, "pictures") for file in client.list_artifacts(run_id, path)}
    assert {"report.html", "pictures/learning_curves.png", "pictures/effect.png", "pictures/importance.png"} <= files


def test_a_sweep_describes_itself_on_its_summary(folder: Path) -> None:
    note = summary_of(folder).data.tags["mlflow.note.content"]
    assert "**eta=1 beats eta=0.01 by" in note
    assert "- best run eta=1 seed=" in note
    assert "| eta | seeds | best validation |" in note
    assert "[curves](#/experiments/" in note
    assert f"[report](#/experiments/2/runs/{summary_of(folder).info.run_id}/artifacts/report.html?" in note


# Curves from the store.


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, list[str]]:
    """A store and its two runs: steps in no order, in time neither, a NaN, and a metric that is not wanted."""
    from mlflow.entities import Metric

    folder = give_store(tmp_path_factory.mktemp("made"))
    store = open_store(f"sqlite:///{folder}/mlflow.db", "made")
    ids = [store.client.create_run(store.experiment_id).info.run_id for _ in range(2)]
    for run_id in ids:
        points = [("a", 0.3, 2), ("a", 0.2, 1), ("a", float("nan"), 3), ("b", 0.5, 1), ("c", 0.9, 1)]
        store.client.log_batch(run_id, metrics=[Metric(name, value, 9 - step, step) for name, value, step in points])
    return store, ids


@pytest.mark.parametrize("place", ["database", "server"])
def test_curves_are_in_order_for_all_runs_without_what_is_no_number(
    made: tuple[Store, list[str]], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from mlflow.store.tracking import sqlalchemy_store

    store, ids = made
    monkeypatch.setattr(private, "AT_ONCE", 1)
    if place == "server":
        monkeypatch.setattr(sqlalchemy_store, "SqlAlchemyStore", int)  # which the store is not
    found = histories.histories(store, ids, ["a", "b"])
    said = {name: [list(curves[run_id].items()) for run_id in ids] for name, curves in found.items()}
    assert said == {"a": [[(1, 0.2), (2, 0.3)]] * 2, "b": [[(1, 0.5)]] * 2}


# Which runs are meant.


def test_a_run_that_is_named_twice_is_one_run(made: tuple[Store, list[str]]) -> None:
    store, (one, other) = made
    title, _, runs = meant(MLflowRuns(store), [one, one[:12]])
    assert (title, [run.id for run in runs]) == (f"run {one[:8]}", [one])
    assert meant(MLflowRuns(store), [one, other])[0] == "2 runs"


def test_a_beginning_that_two_sweeps_have_is_neither(made: tuple[Store, list[str]]) -> None:
    store, (one, _) = made
    for sweep in ("eta-seed", "eta-sizes"):
        store.client.create_run(store.experiment_id, tags={SUMMARY: sweep})
        store.client.set_tag(one, f"sweep.{sweep}", "yes")
    assert meant(MLflowRuns(store), ["eta-se"])[0] == "sweep eta-seed"
    with pytest.raises(
        UsageError, match=r"^sweep: got 'eta-s', expected the name of one; so begin eta-sizes, eta-seed$"
    ):
        meant(MLflowRuns(store), ["eta-s"])

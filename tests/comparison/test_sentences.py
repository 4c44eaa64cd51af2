"""What a comparison says, in sentences and as a table."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from trials import ending, swept, trial

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.render import sentences
from nnexp.comparison.render.json_data import as_dict
from nnexp.comparison.render.text import as_csv, markdown, show


def test_a_clear_difference_is_told_in_points() -> None:
    line = sentences.headline(swept("eta"))
    assert re.fullmatch(
        r"eta=2 beats eta=1 by [01]\.\d\d ± 0\.\d\d points of test accuracy \(3 seeds, p [=<] 0\.0\d\d\)", line
    )


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
    line = sentences.notes(found)[-1]
    assert line == "p is valid however often you look, and is corrected for all 6 pairs of settings (Holm)"


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


def test_where_nothing_can_be_told_it_says_who_is_ahead_on_test() -> None:
    """eta=3 is the best on validation, eta=2 on test."""
    test = {1: 0.80, 2: 0.82, 3: 0.81}
    found = compare(
        "",
        [
            trial((0, 0.9 + eta / 100), (0, test[eta] + 0.02 * ((seed + eta) % 3)), eta=eta, seed=seed)
            for eta in test
            for seed in range(3)
        ],
    )
    told = [line.partition(",")[0] for line in sentences.verdict_lines(found)]
    assert told == ["eta=2: ahead on test", "eta=1: behind on test"]


def test_verdicts_beyond_the_first_are_counted() -> None:
    line = sentences.verdict_lines(swept("eta", values=5, seeds=5), most=1)[1]
    assert line == "and 3 more settings, 3 of them significantly different"


def test_the_explained_variance_is_told() -> None:
    shares = re.fullmatch(
        r"explained variance of the test accuracy: (.*) (\d+) %, (.*) (\d+) %, interactions 0 %, rest 0 %; .*",
        _explained_by("eta", "epochs"),
    )
    assert shares
    assert {shares[1], shares[3]} == {"eta", "epochs"}
    assert int(shares[2]) + int(shares[4]) in (99, 100, 101)


def _explained_by(*names: str) -> str:
    return sentences.importance_line(swept(*names))


def test_the_explained_variance_is_that_of_the_accuracy_that_is_reported() -> None:
    runs = [
        trial((0, 0.9, 0.8), (0, 0.5 + 0.1 * eta + 0.001 * seed, 0.7 + 0.1 * seed), eta=eta, seed=seed)
        for eta in (1, 2)
        for seed in range(3)
    ]
    assert compare("", runs).importance["eta"] > 0.99


def of_data(*names: str, seeds: int = 5) -> Comparison:
    """Two settings on each data set, of which eta=2 is better."""
    results = {(data, eta): 0.5 + 0.1 * eta for data in names for eta in (1, 2)}
    return compare(
        "",
        [ending(x + s / 1000, data=data, eta=eta, seed=s) for (data, eta), x in results.items() for s in range(seeds)],
    )


def test_runs_that_were_judged_by_different_data_are_not_told_apart() -> None:
    found = compare("", [ending(0.9 + x, data=data, seed=s) for data, x in (("a", 0), ("b", 0.05)) for s in range(5)])
    assert sentences.headline(found).endswith("these runs were tested on different data")
    assert found.verdicts == []


def test_settings_are_compared_with_those_that_were_tested_on_the_same_data() -> None:
    one, other = sentences.headline(of_data("a", "b")).split("; ")
    assert one.startswith("with data=a: eta=2 beats eta=1 by")
    assert other.startswith("with data=b: eta=2 beats eta=1 by")


def test_what_compares_the_runs_of_one_data_set_is_a_command() -> None:
    lines = sentences.verdict_lines(of_data("a", "b", seeds=1))
    assert "those with data=a alone: nnexp compare 20a 10a" in lines


def test_a_leader_with_one_seed_hides_no_verdict_on_the_others() -> None:
    found = compare("", [*swept("eta", values=3, seeds=5).trials, ending(0.99, eta=9)])
    assert "eta=9 is ahead on validation; of the others eta=3 beats eta=2 and eta=1" in sentences.headline(found)


def test_settings_of_which_the_same_is_to_be_said_share_a_line() -> None:
    found = compare("", [*swept("eta", values=3, seeds=5).trials, ending(0.99, eta=9)])
    assert sentences.verdict_lines(found) == ["eta=3, eta=2 and eta=1: can't tell from one seed of eta=9: try 5"]


def test_a_best_run_of_a_beaten_setting_says_so() -> None:
    lucky = {(2, 0): 0.99}
    runs = [
        trial((0, lucky.get((eta, s), 0.9 + eta / 100)), (0, 0.9 + eta / 100 + s / 1000), eta=eta, seed=s)
        for eta in (2, 3)
        for s in range(5)
    ]
    better = [replace(run, validation={0: 0, 1: 0.95}) if run.settings["eta"] == 3 else run for run in runs]
    assert sentences.best_line(compare("", better)).endswith("over seeds its setting is beaten by eta=3")


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
    assert verdict["significant"] is True
    assert said["best"]["command"].startswith("python -m nnexp.run eta=2")


def test_json_has_the_corrected_p() -> None:
    found = swept("eta", values=3)
    said = [verdict["p"] for verdict in as_dict(found)["verdicts"]]
    assert said == [verdict.p for verdict in found.verdicts]
    assert said != [verdict.difference.p for verdict in found.verdicts]


def test_settings_are_compared_with_those_that_learnt_from_as_many_examples() -> None:
    found = swept("train_size", "eta", seeds=9)
    assert found.pairs == 2
    one, other = sentences.headline(found).split("; ")
    assert one.startswith("with train_size=2: eta=2 beats eta=1 by")
    assert other.startswith("with train_size=1: eta=2 beats eta=1 by")
    assert sentences.notes(found)[-1].endswith("corrected for all 2 pairs of settings (Holm)")


def test_numbers_of_examples_are_compared_where_nothing_else_differs() -> None:
    assert sentences.headline(swept("train_size", seeds=9)).startswith("train_size=2 beats train_size=1 by")


@pytest.mark.parametrize(("width", "first"), [("60", "setting"), ("200", "eta")])
def test_settings_whose_columns_do_not_fit_share_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: str, first: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    found = swept("eta", "regulariser.lmbda", "mini_batch_size")
    failed = replace(found.trials[0], status="FAILED", settings=found.trials[0].settings | {"eta": 9})
    show(replace(found, incomplete=[failed]))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == first
    assert max(len(line) for line in lines if not line.startswith("(in a wider")) <= int(width)
    assert sum("±" in line for line in lines) == len(found.groups)
    assert sum("FAILED" in line for line in lines) == 1

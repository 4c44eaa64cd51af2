"""What MLflow's UI is told to show: views, colours, the experiment's note, addresses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from running import give_store

from nnexp.errors import UsageError
from nnexp.tracking.lookup import run_called
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.runs import members_filter
from nnexp.tracking.mlflow.store import Store, open_store
from nnexp.tracking.mlflow.ui import experiment_note, views
from nnexp.tracking.mlflow.ui.destination import shown_at
from nnexp.tracking.mlflow.ui.experiment_note import OURS, differing
from nnexp.tracking.mlflow.ui.links import sweep_addresses
from nnexp.tracking.mlflow.ui.server import command
from nnexp.tracking.mlflow.ui.views import View, ends_of, of_experiment, of_means, of_sweep
from nnexp.tracking.palette import PALETTE, color, groups_of, in_color
from nnexp.tracking.tags import BEST, NOTE, SUMMARY, VERDICT, setting_tag, sweep_tags

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{give_store(tmp_path)}/mlflow.db", "nnexp")


def add_run(store: Store, tags: dict[str, str], params: dict[str, str], **metrics: float) -> str:
    run_id = str(store.client.create_run(store.experiment_id, tags=tags).info.run_id)
    for name, text in params.items():
        store.client.log_param(run_id, name, text)
    for name, number in metrics.items():
        store.client.log_metric(run_id, name, number)
    return run_id


def trained(store: Store, **params: str) -> str:
    return add_run(store, {"nnexp.key": "k"} | sweep_tags("first", 0, ""), params)


def summary_of(store: Store, sweep: str, verdict: str = "") -> str:
    return add_run(store, {SUMMARY: sweep, VERDICT: verdict}, {}, **{"jobs/new": 3, "jobs/done": 2})


def note_of(store: Store) -> str:
    return str(store.client.get_experiment(store.experiment_id).tags.get(NOTE, ""))


def kept(store: Store) -> dict[str, dict[str, object]]:
    """The views that the experiment keeps, by key."""
    tags = store.client.get_experiment(store.experiment_id).tags
    return {
        name.removeprefix(views.TAG): json.loads(json.loads(text)["state"])
        for name, text in tags.items()
        if name.startswith(views.TAG)
    }


# Views.


def test_the_columns_are_the_settings_and_then_the_accuracies() -> None:
    columns = of_sweep("first", "", ["eta", "seed"]).state()["selectedColumns"]
    assert columns[:4] == [
        "params.`eta`",
        "params.`seed`",
        "metrics.`best_validation_accuracy`",
        "metrics.`test_accuracy_at_best_validation`",
    ]


def test_runs_from_before_there_was_a_result_keep_their_columns(store: Store) -> None:
    add_run(store, {"nnexp.key": "k"}, {}, best_test_accuracy=0.9, best_epoch=3)
    experiment_note.update(store)
    old = {"metrics.`best_test_accuracy`", "metrics.`best_epoch`"}
    assert old <= set(kept(store)["all"]["selectedColumns"])  # type: ignore[call-overload]
    assert old.isdisjoint(of_sweep("first", "", ["eta"]).state()["selectedColumns"])


def test_the_first_chart_is_of_test_accuracy_and_nothing_is_smoothed() -> None:
    charts = of_sweep("first", "", ["eta", "seed"]).state()["compareRunCharts"]
    assert (charts[0]["type"], charts[0]["metricKey"]) == ("LINE", "test_accuracy")
    assert [chart["lineSmoothness"] for chart in charts if chart["type"] == "LINE"] == [0, 0, 0]


def test_settings_stand_beside_what_they_lead_to_but_not_the_seed() -> None:
    (beside,) = [
        chart
        for chart in View("k", "t", "", ["eta", "seed"]).state()["compareRunCharts"]
        if chart["type"] == "PARALLEL"
    ]
    assert beside["selectedParams"] == ["eta"]
    assert beside["selectedMetrics"][0] == "best_validation_accuracy"


def test_seeds_are_averaged_where_something_else_varies_too() -> None:
    means = of_means("first", "", ["eta", "seed", "cost"])
    assert means
    assert means.state()["groupBy"]["groupByKeys"] == [{"mode": "tag", "groupByData": "setting.first"}]
    assert means.state()["runListHidden"]
    assert of_means("first", "", ["seed"]) is None
    assert of_means("first", "", ["eta"]) is None


def test_runs_that_have_no_words_for_their_setting_are_grouped_by_its_values() -> None:
    means = of_means("first", "", ["eta", "seed", "cost"], tagged=False)
    assert means
    assert [key["groupByData"] for key in means.state()["groupBy"]["groupByKeys"]] == ["eta", "cost"]


def test_charts_stand_below_each_other() -> None:
    (section,) = of_sweep("first", "", ["eta"]).state()["compareRunSections"]
    assert section["columns"] == 1


def test_a_view_of_very_many_settings_fits_into_a_tag() -> None:
    name, text = of_sweep("s" * 200, members_filter("s" * 200), [f"data.a_setting_{n}" for n in range(60)]).tag(0)
    assert len(text) <= 5000
    assert len(name) <= 250


def test_half_of_an_accuracys_axis_is_for_where_runs_ended() -> None:
    low, high = ends_of([0.94, 0.95], [0.95, 0.96])  # worst 0.94, best 0.96: a spread of 0.025
    assert (low, high) == (0.915, 0.966)
    assert ends_of([0.1], [0.99]) == (0.0, 1.0)


def test_a_run_that_has_learnt_nothing_does_not_make_one_line_of_the_others() -> None:
    low, _ = ends_of([0.1, 0.94, 0.95, 0.95, 0.96], [0.1, 0.94, 0.95, 0.95, 0.96])  # 0.92 counts as the worst
    assert low == 0.875
    assert ends_of([0.1, 0.1, 0.5, 0.9, 0.9], [0.9])[0] == 0.0  # several are no exception


def test_a_view_is_used_in_those_versions_alone_that_it_was_seen_in(monkeypatch: pytest.MonkeyPatch) -> None:
    view = of_sweep("first", members_filter("first"), ["eta"])
    assert view.query == "&viewStateShareKey=sweep.first"
    monkeypatch.setattr(views, "SEEN_IN", ("2.",))
    assert view.query == "&searchFilter=tags.%60sweep.first%60%20%3D%20%27yes%27"


def test_a_beginning_that_several_sweeps_have_is_refused(store: Store) -> None:
    for name in ("eta-seed-1", "eta-seed-2"):
        summary_of(store, name)
    with pytest.raises(UsageError, match="sweep: got 'eta-seed', expected the name of one; so begin eta-seed-"):
        shown_at(MLflowRuns(store), "eta-seed")
    assert "sweep.eta-seed-1" in shown_at(MLflowRuns(store), "eta-seed-1")


# Colours.


def test_runs_that_differ_by_their_seed_alone_share_a_colour() -> None:
    varying = [{"eta": eta, "seed": seed} for eta in (1, 3) for seed in (0, 1)]
    assert groups_of(varying, [None] * 4) == [0, 0, 1, 1]
    assert sweep_tags("first", 1, "eta=3")["mlflow.runColor"] == PALETTE[1]
    assert color(len(PALETTE)) == PALETTE[0]


def test_a_setting_keeps_the_colour_that_its_runs_have_from_another_sweep() -> None:
    varying = [{"eta": eta, "seed": seed} for eta in (1, 3, 9) for seed in (0, 1)]
    assert groups_of(varying, [None, None, None, PALETTE[0], "#123456", None]) == [1, 1, 0, 0, 2, 2]


def test_a_settings_words_end_in_as_many_spaces_as_its_mean_needs_for_its_colour() -> None:
    assert {in_color("setting.first", "eta=1", group).rstrip() for group in range(7)} == {"eta=1"}
    assert len({in_color("setting.first", "eta=1", group) for group in range(7)}) == 7
    assert in_color("setting.first", "eta=1", 7) == in_color("setting.first", "eta=1", 0)


def test_a_run_says_which_of_each_sweeps_settings_it_has() -> None:
    assert sweep_tags("first", 0, "eta=1")[setting_tag("first")].rstrip() == "eta=1"
    assert setting_tag("first") not in sweep_tags("first", 0, "")


# The experiment's page.


def test_the_settings_that_differ_are_found_and_those_that_can_change_no_number_are_not() -> None:
    runs = [
        {"eta": "1", "seed": "0", "resume": "auto"},
        {"eta": "3", "seed": "0", "resume": "never", "activation.x": "1"},
    ]
    assert differing(runs) == ["eta", "activation.x"]
    assert differing([]) == []


def test_the_experiments_view_has_what_differs_as_columns(store: Store) -> None:
    for eta in ("1", "3"):
        trained(store, eta=eta, epochs="30")
    experiment_note.update(store)
    columns = kept(store)["all"]["selectedColumns"]
    assert isinstance(columns, list)
    assert [name for name in columns if name.startswith("params")] == ["params.`eta`"]


def test_a_column_stays_when_newer_runs_are_all_the_same(store: Store) -> None:
    experiment_note.update(store, ["cost"])
    experiment_note.update(store, ["eta"])
    assert kept(store)["all"]["selectedColumns"][:2] == ["params.`eta`", "params.`cost`"]  # type: ignore[index]
    store.client.set_experiment_tag(store.experiment_id, f"{views.TAG}all", "deflate;x")
    experiment_note.update(store, ["eta"])
    assert views.settings_in(store.client.get_experiment(store.experiment_id).tags[f"{views.TAG}all"]) == ["eta"]


def test_a_sweeps_axis_is_that_of_its_own_runs(store: Store) -> None:
    for sweep, accuracy in (("first", 0.95), ("other", 0.5)):
        numbers = dict.fromkeys(("test_accuracy", "validation_accuracy"), accuracy)
        add_run(
            store, {"nnexp.key": "k"} | sweep_tags(sweep, 0, "eta=1"), {}, **numbers, best_validation_accuracy=accuracy
        )
    experiment_note.show_sweep(store, "first", ["eta", "seed"])
    for key in ("sweep.first", "means.first"):
        assert kept(store)[key]["compareRunCharts"][0]["range"] == {"yMin": 0.945, "yMax": 0.951}  # type: ignore[index]
    assert kept(store)["all"]["compareRunCharts"][0]["range"]["yMax"] == 1.0  # type: ignore[index]


def test_the_note_lists_the_sweeps_with_what_came_of_them(store: Store) -> None:
    summary = summary_of(store, "first", "eta=3: 96 %\non | validation")
    experiment_note.update(store)
    note = note_of(store)
    assert note.startswith(f"Newest sweep: first ([summary](#/experiments/{store.experiment_id}/runs/{summary}")
    (row,) = [line for line in note.splitlines() if line.startswith("| first |")]
    assert row.startswith("| first | 5 | eta=3: 96 % on \\| validation | [summary](")
    assert summary in row
    assert "viewStateShareKey=sweep.first)" in row


def test_a_link_to_a_sweep_opens_its_means_where_it_has_seeds(store: Store) -> None:
    summary_of(store, "first")
    experiment_note.show_sweep(store, "first", ["eta"])
    assert "viewStateShareKey=sweep.first)" in note_of(store)
    experiment_note.show_sweep(store, "first", ["eta", "seed"])
    assert "viewStateShareKey=means.first)" in note_of(store)
    assert shown_at(MLflowRuns(store), "first").endswith("&viewStateShareKey=means.first")


def test_runs_of_earlier_versions_are_grouped_by_params(store: Store) -> None:
    run_id = trained(store, eta="1")
    experiment_note.show_sweep(store, "first", ["eta", "seed"])
    (key,) = kept(store)["means.first"]["groupBy"]["groupByKeys"]  # type: ignore[index]
    assert key == {"mode": "param", "groupByData": "eta"}
    MLflowRuns(store).tag(run_id, sweep_tags("first", 0, "eta=1"))
    experiment_note.show_sweep(store, "first", ["eta", "seed"])
    (key,) = kept(store)["means.first"]["groupBy"]["groupByKeys"]  # type: ignore[index]
    assert key == {"mode": "tag", "groupByData": "setting.first"}


@pytest.mark.slow
def test_the_note_of_very_many_sweeps_fits_and_says_what_it_leaves_out(store: Store) -> None:
    for number in range(40):
        summary_of(store, f"sweep-{number:02}", "x" * 100)
    note = experiment_note.describe(store, of_experiment([]), ())
    shown = sum(line.startswith("| sweep-") for line in note.splitlines())
    assert len(note) < 5000
    assert "| sweep-39 |" in note
    assert note.endswith(f"and {40 - shown} earlier ones")


def test_what_the_user_has_written_stays(store: Store) -> None:
    store.client.set_experiment_tag(store.experiment_id, NOTE, "My thesis.")
    store.client.set_experiment_tag(store.experiment_id, "mlflow.experiment.primaryMetric.name", "mine")
    experiment_note.update(store)
    summary_of(store, "first")
    experiment_note.update(store)
    note = note_of(store)
    assert note.endswith("\n\nMy thesis.")
    assert (note.count("All runs"), note.count("My thesis."), note.count("| first |")) == (1, 1, 1)
    assert store.client.get_experiment(store.experiment_id).tags["mlflow.experiment.primaryMetric.name"] == "mine"


def test_what_was_written_is_remembered_apart_from_the_note(store: Store) -> None:
    experiment_note.update(store)
    tags = store.client.get_experiment(store.experiment_id).tags
    assert tags[OURS] == tags[NOTE] == note_of(store)
    assert "<!--" not in tags[NOTE]


def test_a_choice_of_metric_is_made_once(store: Store) -> None:
    experiment_note.update(store)
    tags = store.client.get_experiment(store.experiment_id).tags
    assert tags["mlflow.experiment.primaryMetric.name"] == "best_validation_accuracy"


# Addresses.


def test_a_sweep_a_run_and_everything_have_an_address(store: Store) -> None:
    run, summary = trained(store), summary_of(store, "first")
    page = f"http://127.0.0.1:5001/#/experiments/{store.experiment_id}/runs"
    assert shown_at(MLflowRuns(store), "", 5001) == f"{page}?workflowType=machine_learning&viewStateShareKey=all"
    assert shown_at(MLflowRuns(store), "first", 5001).endswith("&compareRunsMode=CHART&viewStateShareKey=sweep.first")
    assert shown_at(MLflowRuns(store), run[:12], 5001) == f"{page}/{run}?workflowType=machine_learning"
    assert shown_at(MLflowRuns(store), summary[:12], 5001) == f"{page}/{summary}?workflowType=machine_learning"


def test_a_name_that_is_not_known_gives_the_sweeps_there_are(store: Store) -> None:
    summary_of(store, "first")
    with pytest.raises(UsageError, match=r"'secnod'.*\nor a sweep; found first"):
        shown_at(MLflowRuns(store), "secnod")


def test_a_summary_is_not_trained_and_says_which_sweep_it_sums_up(store: Store) -> None:
    summary = summary_of(store, "first")
    for word in ("first", summary):
        with pytest.raises(UsageError, match=f"run: got '{word}', which is the sweep first, expected a run$"):
            run_called(MLflowRuns(store), word)


@pytest.mark.parametrize(("best", "advice"), [("f" * 32, "; its best is ffffffff"), ("`rm -r`", "")])
def test_who_names_a_sweep_for_a_run_is_told_its_best_run(store: Store, best: str, advice: str) -> None:
    store.client.set_tag(summary_of(store, "first"), BEST, best)
    with pytest.raises(UsageError, match=f"expected a run{advice}$"):
        run_called(MLflowRuns(store), "first")


def test_of_a_sweep_on_this_machine_the_command_that_shows_it_is_told(store: Store) -> None:
    assert list(sweep_addresses(store, "first", "0" * 32, ["eta", "seed"])) == ["look"]


def test_a_sweeps_addresses_at_a_server_stay_short_whatever_its_size(store: Store) -> None:
    served = replace(store, uri="http://127.0.0.1:5000")
    addresses = sweep_addresses(served, "first", "0" * 32, ["eta", "seed"])
    assert list(addresses) == ["look", "summary", "curves", "means"]
    assert max(map(len, addresses.values())) < 160
    assert "means" not in sweep_addresses(served, "first", "0" * 32, ["eta"])


@pytest.mark.parametrize(("said", "opened"), [(True, 1), (False, 0), (None, 0)])  # None: no terminal, so nobody looks
def test_a_browser_opens_if_it_is_said(said: bool | None, opened: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnexp.cli import ui as ui_command

    addresses: list[str] = []
    monkeypatch.setattr(ui_command.webbrowser, "open", addresses.append)
    ui_command._show("http://127.0.0.1:5001", said)
    assert addresses == ["http://127.0.0.1:5001"] * opened


def test_the_address_is_told_when_the_server_answers_and_not_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnexp.runtime import local_server
    from nnexp.tracking.mlflow.ui import server as ui

    happened: list[str] = []
    answers = iter([False, False, True])

    class Server:
        def __init__(self, words: list[str], **_: object) -> None:
            happened.append("started")

        def poll(self) -> None:
            return None

        def wait(self, timeout: float = 0) -> int:
            return 0

        terminate = wait
        pid = 2**31 - 1  # of no process

    monkeypatch.setattr("nnexp.runtime.child_process.subprocess.Popen", Server)
    monkeypatch.setattr("nnexp.runtime.child_process.signal.signal", lambda *_: None)
    monkeypatch.setattr(local_server, "answers", lambda _: next(answers))
    monkeypatch.setattr(local_server.time, "sleep", lambda _: happened.append("waited"))
    ui.serve(store, 0, lambda: happened.append("told"))
    assert happened == ["started", "waited", "waited", "told"]


def test_what_shows_a_run_names_the_store_and_the_experiment_where_they_are_not_the_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    here, there = f"sqlite:///{tmp_path}/mlflow.db", "sqlite:////other/mlflow.db"

    def command_in(uri: str, experiment: str = "nnexp") -> str | None:
        return command(Store(uri, None, "1", experiment=experiment), "d8396f9e")  # type: ignore[arg-type]  # is not asked

    assert command_in(here) == "nnexp ui d8396f9e"
    assert command_in(there) == f"nnexp ui d8396f9e --uri {there}"
    assert command_in(here, "my runs") == "nnexp ui d8396f9e --experiment 'my runs'"
    assert command_in("http://127.0.0.1:5000") is None
    monkeypatch.setenv("MLFLOW_TRACKING_URI", there)
    assert command_in(here) == f"nnexp ui d8396f9e --uri {here}"

"""What the summary run of a sweep holds when the sweep goes on: no report that is out of date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running import give_store

from nnexp.tracking.mlflow.private import delete_artifacts
from nnexp.tracking.mlflow.store import open_store
from nnexp.tracking.mlflow.sweep_summary import MLflowSweepSummary
from nnexp.tracking.recording import Results

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]

TABLE: dict[str, str | bytes] = {"table.csv": "eta"}
REPORT: dict[str, str | bytes] = {
    "report.html": "an earlier report",
    "figures/effect.png": b"a chart",
    "pictures/effect.png": b"a chart",  # as nnexp 0.3 called it
}


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MLflowSweepSummary:
    """The summary of a sweep that has ended with a report, and to which its user has added a file."""
    monkeypatch.chdir(give_store(tmp_path))
    summary = MLflowSweepSummary(open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp"), "a sweep")
    summary.end("FINISHED", Results("text", TABLE | REPORT, {}, ""), ())
    client_of(summary).log_text(summary.id, "mine", "figures/notes.txt")
    return summary


def client_of(summary: MLflowSweepSummary) -> Any:
    return summary._store.client


def files_of(summary: MLflowSweepSummary) -> set[str]:
    folders = (None, "figures", "pictures")
    listed = [file for folder in folders for file in client_of(summary).list_artifacts(summary.id, folder)]
    return {file.path for file in listed if not file.is_dir}


def test_a_sweep_that_trains_more_has_no_report_until_it_ends(summary: MLflowSweepSummary) -> None:
    summary.begin((), more=True)
    assert files_of(summary) == {"table.csv", "figures/notes.txt"}


def test_a_sweep_that_trains_nothing_keeps_its_report_meanwhile(summary: MLflowSweepSummary) -> None:
    summary.begin((), more=False)
    assert files_of(summary) == {*TABLE, *REPORT, "figures/notes.txt"}


def test_a_sweep_that_ends_without_a_report_keeps_no_earlier_one(summary: MLflowSweepSummary) -> None:
    summary.end("KILLED", Results("text", TABLE, {}, ""), ())
    assert files_of(summary) == {"table.csv", "figures/notes.txt"}


def test_a_new_report_takes_the_place_of_the_earlier_and_of_charts_that_it_lacks(summary: MLflowSweepSummary) -> None:
    summary.end("FINISHED", Results("text", TABLE | {"report.html": "a new report"}, {}, ""), ())
    assert files_of(summary) == {"table.csv", "report.html", "figures/notes.txt"}
    assert Path(client_of(summary).download_artifacts(summary.id, "report.html")).read_text() == "a new report"


def test_a_report_of_the_same_runs_stays_where_it_is(summary: MLflowSweepSummary) -> None:
    summary.end("FINISHED", Results("text", TABLE | REPORT, {}, "", report_of="these runs"), ())
    summary.begin((), more=False)
    summary.end("FINISHED", Results("text", TABLE, {}, "", report_of="these runs"), ())
    assert summary.report_of == "these runs"
    assert files_of(summary) == {*TABLE, *REPORT, "figures/notes.txt"}


def test_what_trains_more_leaves_no_report_of_the_same_runs(summary: MLflowSweepSummary) -> None:
    summary.end("FINISHED", Results("text", TABLE | REPORT, {}, "", report_of="these runs"), ())
    summary.begin((), more=True)
    assert summary.report_of == ""


def test_a_report_that_someone_has_deleted_is_made_again(summary: MLflowSweepSummary) -> None:
    summary.end("FINISHED", Results("text", TABLE | REPORT, {}, "", report_of="these runs"), ())
    run = client_of(summary).get_run(summary.id)
    report = [file for file in client_of(summary).list_artifacts(summary.id) if file.path == "report.html"]
    delete_artifacts(summary._store.uri, run, report)
    assert summary.report_of == ""


def test_where_nothing_can_be_deleted_a_page_says_that_the_report_is_out_of_date(
    summary: MLflowSweepSummary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError  # as MLflow's artifact stores do that do not delete

    monkeypatch.setattr("mlflow.store.artifact.local_artifact_repo.LocalArtifactRepository.delete_artifacts", refuse)
    summary.begin((), more=True)
    page = Path(client_of(summary).download_artifacts(summary.id, "report.html")).read_text()
    assert "The sweep a sweep has gone on since its report was made" in page
    assert "could not be deleted: NotImplementedError" in caplog.text


def test_a_folder_among_artifacts_is_never_deleted(summary: MLflowSweepSummary) -> None:
    before = files_of(summary)
    folders = [file for file in client_of(summary).list_artifacts(summary.id) if file.is_dir]
    delete_artifacts(summary._store.uri, summary._run, folders)
    assert files_of(summary) == before

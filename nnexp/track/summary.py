"""The summary of a sweep: one more MLflow run, which holds the table of results and says how far the sweep is."""

from __future__ import annotations

import hashlib
import json
import time
from urllib.parse import quote

from mlflow.entities import Metric, Run, RunTag

from nnexp.errors import redacted
from nnexp.track.runs import SUMMARY
from nnexp.track.store import Store, ui_command
from nnexp.track.tracking import Results, members_filter
from nnexp.track.ui import address, root
from nnexp.train.events import Status

NOTE = "mlflow.note.content"
VIEW = "mlflow.sharedViewState."  # a saved view of an experiment: not documented, seen to work in MLflow 3.17
BEST = "nnexp.best_run"
LONGEST_NOTE = 5000  # characters; MLflow refuses a tag of more than 8,000


class SweepSummary:
    """The summary run of the sweep with this name: the one that is there already, or a new one."""

    def __init__(self, store: Store, sweep: str) -> None:
        self._store = store
        self._client = store.client
        self._sweep = sweep
        self._run = self._found() or self._client.create_run(
            store.experiment_id, run_name=f"sweep {sweep}", tags={SUMMARY: sweep}
        )

    @property
    def id(self) -> str:
        """MLflow's id of the run."""
        return str(self._run.info.run_id)

    def begin(self) -> None:
        """Say that the sweep is under way, and let MLflow's UI show all of it: by itself it draws but ten runs."""
        self._client.update_run(self.id, status="RUNNING")
        self._client.set_experiment_tag(self._store.experiment_id, VIEW + _view(self._sweep), self._saved_view())

    def _saved_view(self) -> str:
        """All of the sweep's runs, best first, as MLflow's UI keeps a view that a person has saved."""
        state = {
            "searchFilter": members_filter(self._sweep),
            "orderByKey": "metrics.`best_validation_accuracy`",
            "orderByAsc": False,
            "runsHiddenMode": "SHOW_ALL",
        }
        now = round(time.time() * 1000)
        named = {"name": f"sweep {self._sweep}", "createdAt": now, "updatedAt": now}
        return json.dumps(named | {"state": json.dumps(state)})

    def end(self, status: Status, results: Results) -> None:
        """Write the results, in place of earlier ones, and how the sweep has ended."""
        tags = [RunTag(NOTE, results.text[:LONGEST_NOTE]), RunTag(BEST, results.best)]
        now = round(time.time() * 1000)
        counts = [Metric(f"jobs/{name}", count, now, 0) for name, count in results.counts.items()]
        self._client.log_batch(self.id, metrics=counts, tags=tags)
        for name, text in results.files.items():
            self._client.log_text(self.id, text, name)
        self._client.set_terminated(self.id, status)

    def _found(self) -> Run | None:
        runs = self._client.search_runs(
            [self._store.experiment_id], f"tags.`{SUMMARY}` = '{self._sweep}'", max_results=1
        )
        return runs[0] if runs else None


def sweep_addresses(store: Store, sweep: str, summary_id: str, run_ids: list[str]) -> dict[str, str]:
    """Where MLflow's UI shows a sweep: its summary, its curves, and its runs side by side."""
    runs, experiments = (quote(json.dumps(ids, separators=(",", ":"))) for ids in (run_ids, [store.experiment_id]))
    return {
        "look": ui_command(store) or redacted(store.uri),
        "summary": address(store, summary_id),
        "curves": f"{address(store)}&compareRunsMode=CHART&viewStateShareKey={_view(sweep)}",
        "compare": f"{root(store)}/#/compare-runs?runs={runs}&experiments={experiments}",
    }


def _view(sweep: str) -> str:
    """The key of the sweep's saved view."""
    return hashlib.sha256(sweep.encode()).hexdigest()

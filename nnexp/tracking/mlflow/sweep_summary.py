"""The summary of a sweep: one more MLflow run, which holds the table of results and says how far the sweep is."""

from __future__ import annotations

import html
import logging
import re
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from mlflow.entities import Metric, Run, RunTag
from mlflow.utils.file_utils import local_file_uri_to_path

from nnexp.errors import in_a_line
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.mlflow.private import delete_artifacts
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.turns import Clash
from nnexp.tracking.mlflow.ui import experiment_note
from nnexp.tracking.mlflow.ui.links import sweep_addresses, sweep_pages
from nnexp.tracking.mlflow.ui.server import page, picture, root
from nnexp.tracking.recording import Results
from nnexp.tracking.tags import BEST, NOTE, REPORT_OF, SUMMARY, VERDICT
from nnexp.train.events import Status

log = logging.getLogger(__name__)

LONGEST_NOTE = 5000  # characters; MLflow refuses a tag of more than 8,000
REPORT, FIGURES = "report.html", ("figures", "pictures")  # the second is in older stores
OF_REPORT = rf"report\.html|(?:{'|'.join(FIGURES)})/\w+\.png"
OUT_OF_DATE = (
    "<!doctype html><title>Out of date</title><p>The sweep {0} has gone on since its report was made. A new one is "
    "made when it ends, or by <code>nnexp compare {0} --html FILE</code>."
)
LONGEST_VERDICT = 300  # it is a cell of a table


class MLflowSweepSummary:
    """The summary run of the sweep with this name: the one that is there already, or a new one."""

    def __init__(self, store: Store, sweep: str) -> None:
        self._store = store
        self._client = store.client
        self._sweep = sweep
        self._run = store.in_turn(lambda: self._found() or self._made())

    @property
    def id(self) -> str:
        """MLflow's id of the run."""
        return str(self._run.info.run_id)

    @property
    def report_of(self) -> str:
        """What the report that is there was made of; empty if there is none."""
        there = any(file.path == REPORT for file in self._client.list_artifacts(self.id))
        return str(self._client.get_run(self.id).data.tags.get(REPORT_OF, "")) if there else ""

    def begin(self, over: Sequence[str], more: bool) -> None:
        """Say that the sweep is under way, and let MLflow's UI show it.

        over: what the sweep goes over. more: whether it trains anything, which puts an earlier report out of date.
        """
        self._client.update_run(self.id, status="RUNNING")
        if more:
            self._client.set_tag(self.id, REPORT_OF, "")
            self._forget_report()
        experiment_note.show_sweep(self._store, self._sweep, over)

    def end(self, status: Status, results: Results, over: Sequence[str]) -> None:
        """Write the results, in place of earlier ones, and how the sweep has ended. over: what it goes over."""
        tags = [RunTag(NOTE, results.text[:LONGEST_NOTE]), RunTag(BEST, results.best)]
        tags += [RunTag(VERDICT, results.verdict[:LONGEST_VERDICT]), RunTag(REPORT_OF, results.report_of)]
        stays = bool(results.report_of) and results.report_of == self.report_of
        now = round(time.time() * 1000)
        counts = [Metric(f"jobs/{name}", count, now, 0) for name, count in results.counts.items()]
        self._client.log_batch(self.id, metrics=counts, tags=tags)
        if not stays:
            self._forget_report(results.files)
        self._keep(results.files)
        self._client.set_terminated(self.id, status)
        experiment_note.show_sweep(self._store, self._sweep, over)

    def addresses(self, over: Sequence[str]) -> dict[str, str]:
        """Where MLflow's UI shows the sweep, by what is to be seen there."""
        return sweep_addresses(self._store, self._sweep, self.id, over)

    def pages(self, over: Sequence[str]) -> dict[str, str]:
        """Those beside the summary, within the UI, as a note links to them."""
        return sweep_pages(self._store, self._sweep, over)

    def page_of(self, file: str) -> str:
        """The page of one of its files within the UI."""
        return page(self._store, self.id, file)

    def picture_of(self, file: str) -> str:
        """Its address, as seen from the UI's pages."""
        return picture(self.id, file)

    def place_of(self, file: str) -> str:
        """The path of one of its files, where artifacts lie in a folder; else its page in the UI, with its address."""
        uri = str(self._run.info.artifact_uri)
        if urlsplit(uri).scheme in ("", "file"):
            return str(Path(local_file_uri_to_path(uri)) / file)
        return f"{root(self._store)}/{self.page_of(file)}"

    def _keep(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, by name, among the run's artifacts."""
        with temporary_folder() as folder:
            for name, content in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            self._client.log_artifacts(self.id, folder)

    def _forget_report(self, replaced: Container[str] = ()) -> None:
        """Delete what an earlier command has left of a report, but for what is about to be replaced.

        An artifact store that does not delete gets a page in its place that says so.
        """
        listed = [file for folder in (None, *FIGURES) for file in self._client.list_artifacts(self.id, folder)]
        left = [file for file in listed if re.fullmatch(OF_REPORT, file.path) and file.path not in replaced]
        try:
            delete_artifacts(self._store.uri, self._run, left)
        except Exception as error:  # each store of MLflow's has its own
            log.warning("the earlier report of sweep %s could not be deleted: %s", self._sweep, in_a_line(error))
            if any(file.path == REPORT for file in left):
                self._client.log_text(self.id, OUT_OF_DATE.format(html.escape(self._sweep)), REPORT)

    def _found(self) -> Run | None:
        """The newest run that sums up a sweep of this name."""
        return next(iter(self._all()), None)

    def _all(self) -> list[Run]:
        return list(self._client.search_runs([self._store.experiment_id], f"tags.`{SUMMARY}` = '{self._sweep}'"))

    def _made(self) -> Run:
        """A new one; raises `Clash` if another machine has made one since nobody had, for a sweep has one."""
        made = self._client.create_run(
            self._store.experiment_id, run_name=f"sweep {self._sweep}", tags={SUMMARY: self._sweep}
        )
        if any(other.info.run_id != made.info.run_id for other in self._all()):
            self._client.delete_run(made.info.run_id)
            raise Clash
        return made

"""The summary of a sweep in a folder of runs: a folder with the table of results, the report and their charts."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from nnexp.runtime.locks import lock
from nnexp.runtime.owned_files import discard, take, write, written
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.address import command
from nnexp.tracking.recording import Results
from nnexp.tracking.tags import BEST, NOTE, REPORT_OF, SUMMARY, VERDICT
from nnexp.train.events import Status

SWEEPS = "sweep-"  # what the names of such folders begin with
OWNER = "summary"
REPORT, FIGURES = "report.html", ("figures", "pictures")  # the second is in older stores
TEXT = "summary.md"
PLAIN = re.compile(r"[\w.-]{1,100}")


def summary_folder(root: Path, sweep: str) -> Path:
    """Where the summary of the sweep with this name is."""
    name = sweep if PLAIN.fullmatch(sweep) else hashlib.sha256(sweep.encode()).hexdigest()[:16]
    return root / f"{SWEEPS}{name}"


class FolderSweepSummary:
    """The summary of the sweep with this name: the one that is there already, or a new one."""

    def __init__(self, root: Path, sweep: str, clock: Callable[[], float] = time.time) -> None:
        self._root = root
        self._sweep = sweep
        self._clock = clock
        self._folder = summary_folder(root, sweep)
        take(self._folder, OWNER)
        with lock(f"summary {self._folder}"):
            if not (self._folder / run_files.RUN).is_file():
                self._make()
            self.id = str(run_files.facts_in(self._folder)["id"])

    @property
    def report_of(self) -> str:
        there = (self._folder / REPORT).is_file()
        return str(run_files.facts_in(self._folder)["tags"].get(REPORT_OF, "")) if there else ""

    def begin(self, over: Sequence[str], more: bool) -> None:
        run_files.update(self._folder, status="RUNNING", ended=None)
        if more:
            self._forget_report()

    def end(self, status: Status, results: Results, over: Sequence[str]) -> None:
        if not results.report_of or results.report_of != self.report_of:
            self._forget_report()
        for name, content in results.files.items():
            path = self._folder / name
            if path.parent != self._folder:
                take(path.parent, OWNER)
            with written(path) as file:
                file.write(content.encode() if isinstance(content, str) else content)
        write(self._folder / TEXT, results.text + "\n")
        tags = {NOTE: results.text, BEST: results.best, VERDICT: results.verdict, REPORT_OF: results.report_of}
        metrics = {f"jobs/{name}": float(count) for name, count in results.counts.items()}
        run_files.update(self._folder, tags, status=status, ended=self._clock(), metrics=metrics)

    def addresses(self, over: Sequence[str]) -> dict[str, str]:
        return {"look": command(self._root, "compare", self._sweep), "summary": str(self._folder)}

    def pages(self, over: Sequence[str]) -> dict[str, str]:
        return {}

    def page_of(self, file: str) -> str:
        return file

    def picture_of(self, file: str) -> str:
        return file

    def place_of(self, file: str) -> str:
        return str(self._folder / file)

    def _forget_report(self) -> None:
        """Delete what an earlier command has left of a report."""
        for name in FIGURES:
            discard(self._folder / name, OWNER, r"\w+\.png")
        discard(self._folder, OWNER, re.escape(REPORT))

    def _make(self) -> None:
        run_files.create(
            self._folder,
            id=uuid.uuid4().hex,
            name=f"sweep {self._sweep}",
            status="RUNNING",
            started=self._clock(),
            ended=None,
            tags={SUMMARY: self._sweep},
            params={},
            metrics={},
            test_examples=0,
        )

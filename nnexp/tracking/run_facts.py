"""A stored run as it is told: its facts, for a table, and why it has not got one of its files."""

from __future__ import annotations

from typing import Any

from nnexp.errors import Diverged
from nnexp.tracking.run_store import STARTED, StoredRun
from nnexp.tracking.tags import COMMAND, ERROR


def facts(run: StoredRun) -> dict[str, Any]:
    """What there is to tell: id, name, status, when it started (unix time), its params and metrics.

    seconds: of training, evaluation included, as in a comparison; only of a run that has ended.
    """
    known = {"id": run.id, "name": run.name, "status": run.state}
    times = {STARTED: run.started}
    if (seconds := run.metrics.get("train_seconds")) is not None:
        times["seconds"] = seconds
    return dict(run.params) | dict(run.metrics) | known | times


def lacking(run: StoredRun, what: str, reason: str) -> list[str]:
    """That the run has not got one of its files, and what to do, in a line each. reason: for a finished run."""
    again = run.tags.get(COMMAND, "the command that began it")
    if run.alive:
        said = f"is being trained, and has no {what} yet"
        advice = "wait until it has ended; `nnexp runs` shows its state"
    elif run.has_results:
        said = f"its {what} can't be read ({reason})"
        advice = f"put it back into {run.store.files_of(run.id)}, or train anew: resume=never"
    elif (error := run.tags.get(ERROR, "")).startswith(Diverged.__name__):
        said, advice = f"has diverged, and has no {what}", error
    else:
        ended = "its process is gone" if run.dead else f"it has ended as {run.status}"
        said, advice = f"{ended}, and has left no {what}", f"go on with it: {again}"
    return [f"run {run.id}: {said}", advice]

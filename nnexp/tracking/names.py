"""The names of runs and sweeps, the newest first: read at once, without MLflow, for shells that complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnexp.printable import visible
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.sweep_summary import SWEEPS
from nnexp.tracking.mlflow import names as in_mlflow
from nnexp.tracking.run_store import ID_TYPED
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import SUMMARY

MOST = 50


@dataclass(frozen=True)
class Named:
    """A run or a sweep. name: as it is typed. about: what it is, in a few words."""

    name: str
    about: str


def runs(tracking: MLflow | Folder, beginning: str = "") -> list[Named]:
    """The runs whose ids begin so, fifty at most; none of a server, which would have to be asked."""
    if isinstance(tracking, MLflow):
        found = in_mlflow.runs(tracking.uri, tracking.experiment, beginning, MOST)
    else:
        stored = (facts for facts in _facts(tracking, beginning) if SUMMARY not in facts["tags"])
        found = [(facts["id"], facts["name"], facts["status"]) for facts in stored]
    digits = max(ID_TYPED, len(beginning))
    return [Named(run_id[:digits], visible(f"{name}, {status}")) for run_id, name, status in found if run_id.isalnum()]


def sweeps(tracking: MLflow | Folder) -> list[Named]:
    """The sweeps, fifty at most; none of a server."""
    if isinstance(tracking, MLflow):
        found = in_mlflow.sweeps(tracking.uri, tracking.experiment, MOST)
    else:
        found = [facts["tags"][SUMMARY] for facts in _facts(tracking, SWEEPS) if SUMMARY in facts["tags"]]
    return [Named(name, "sweep") for name in dict.fromkeys(found)]


def _facts(tracking: Folder, beginning: str) -> Iterator[dict[str, Any]]:
    """What is in the newest folders whose names begin so; those that can't be read are left out."""
    folders = sorted(run_files.folders(Path(tracking.path), beginning), key=_changed, reverse=True)
    for folder in folders[:MOST]:
        if not (folder / run_files.RUN).is_file():  # a pipe would be waited for
            continue
        try:
            facts = run_files.facts_in(folder)
        except (OSError, ValueError, TypeError, RecursionError):
            continue
        match facts:
            case {"id": str(), "name": str(), "status": str(), "tags": dict(tags)}:
                yield facts | {"tags": {name: value for name, value in tags.items() if isinstance(value, str)}}


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # removed a moment ago
        return 0.0

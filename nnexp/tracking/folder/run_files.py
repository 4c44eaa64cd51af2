"""The files that a run is in: `run.json` with what changes rarely, a line an epoch in `epochs.jsonl`, a heartbeat.

`run.json` is replaced as a whole, so it is never half written. A line of `epochs.jsonl` that a killed process or a full
disk has left unfinished is dropped when it is read.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Collection, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from nnexp.errors import in_a_line
from nnexp.runtime.heartbeat import HEARTBEAT
from nnexp.runtime.locks import lock
from nnexp.runtime.owned_files import write
from nnexp.tracking.dataset_facts import facts_of_earlier
from nnexp.tracking.run_store import ID, RunStore, StoredRun
from nnexp.train.events import Status

log = logging.getLogger(__name__)

RUN, EPOCHS, BEAT = "run.json", "epochs.jsonl", "heartbeat"

STATUSES = (*get_args(Status), "RUNNING")
LATEST = 253370764800  # unix time of the year 9999, which is the last that a calendar has
INT64 = range(-(2**63), 2**63)  # what every store has room for

Points = dict[int, dict[str, float]]  # metrics by epoch


def read(store: RunStore, folder: Path) -> StoredRun | None:
    """The run in a folder; None, and a warning if there is something, where no run can be read."""
    try:
        facts = facts_in(folder)
        _check(facts, folder)
        facts["metrics"] = facts["metrics"] or last_values(points(folder))
        if beat := _text(folder / BEAT):
            facts["tags"][HEARTBEAT] = beat
        if "dataset" not in facts:
            facts["dataset"] = facts_of_earlier(facts["tags"], facts["params"], facts.get("test_examples", 0))
        return StoredRun(store, **facts)
    except FileNotFoundError:  # a process was killed before it had begun
        return None
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        log.warning("%s is left out: it can't be read (%s)", folder / RUN, in_a_line(error))
        return None


def facts_in(folder: Path) -> dict[str, Any]:
    """What the folder's `run.json` holds."""
    return dict(json.loads((folder / RUN).read_text()))


@dataclass(frozen=True)
class Line:
    """A line of `epochs.jsonl`. time: unix time in milliseconds, 0 where it was written before there were times."""

    epoch: int
    metrics: dict[str, float]
    time: int = 0

    def __str__(self) -> str:
        time = {"time": self.time} if self.time else {}
        return json.dumps({"epoch": self.epoch, **time, "metrics": self.metrics}) + "\n"


def lines(folder: Path) -> list[Line]:
    """The lines of a run that are whole, each metric of an epoch once."""
    found: list[Line] = []
    known: Points = {}
    for text in _text(folder / EPOCHS).splitlines():
        if (line := _line(text)) is not None:
            there = known.setdefault(line.epoch, {})
            new = {name: value for name, value in line.metrics.items() if name not in there}
            there |= new
            found += [Line(line.epoch, new, line.time)] if new else []
    return found


def _line(text: str) -> Line | None:
    with suppress(ValueError, RecursionError):  # a torn line is no JSON
        match json.loads(text):
            case {"epoch": int(epoch), "metrics": dict(metrics), **more} if epoch in INT64 and _are_numbers(metrics):
                time = more.get("time", 0)
                return Line(epoch, metrics, time if isinstance(time, int) and 0 <= time <= 1000 * LATEST else 0)
    return None


def points(folder: Path) -> Points:
    """The metrics of a run by epoch, as far as its lines are whole."""
    found: Points = {}
    for line in lines(folder):
        found.setdefault(line.epoch, {}).update(line.metrics)
    return found


def _check(facts: Mapping[str, Any], folder: Path) -> None:
    """Raise `ValueError` naming the first of a run's facts that is none: the file may have been edited, or copied."""
    kinds = {
        **dict.fromkeys(("id", "name", "status"), str),
        **dict.fromkeys(("tags", "params", "metrics", "dataset"), dict),
        "started": float | int,
        "ended": float | int | None,
        "test_examples": int,
    }
    for name, kind in kinds.items():
        if name in facts and not isinstance(facts[name], kind):
            raise ValueError(f"{name}: got {facts[name]!r}")
    if facts["status"] not in STATUSES:
        raise ValueError(f"status: got {facts['status']!r}, expected one of {', '.join(STATUSES)}")
    for name in ("started", "ended"):
        if facts[name] is not None and not 0 <= facts[name] <= LATEST:  # nor is NaN
            raise ValueError(f"{name}: got {facts[name]!r}, expected seconds since 1970")
    if facts.get("test_examples", 0) not in INT64:
        raise ValueError("test_examples: expected a number of examples")
    if not ID.fullmatch(facts["id"]):
        raise ValueError(f"id: got {facts['id']!r}, expected 32 hexadecimal digits")
    if not folder.name.startswith((f"{facts['id']}-", "sweep-")):
        raise ValueError(f"id: got {facts['id']!r}, which is not that of its folder")
    texts = facts["tags"], facts["params"], facts.get("dataset", {})
    if not _are_numbers(facts["metrics"]) or not all(map(_is_text, texts)):
        raise ValueError("metrics, tags, params or dataset: expected numbers and texts by name")


def _are_numbers(metrics: Mapping[str, Any]) -> bool:
    """Whether they are, and fit a float, as whole numbers may not."""
    highest = sys.float_info.max
    return all(isinstance(each, float) or (isinstance(each, int) and abs(each) <= highest) for each in metrics.values())


def _is_text(named: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in named.values())


def last_values(found: Points) -> dict[str, float]:
    """The last value of each metric."""
    return {name: value for _, metrics in sorted(found.items()) for name, value in metrics.items()}


def create(folder: Path, **facts: Any) -> None:
    """Write a new run's `run.json`: the fields of `StoredRun`."""
    write(folder / RUN, json.dumps(facts, indent=1))


def update(folder: Path, tags: Mapping[str, str] | None = None, gone: Collection[str] = (), **changes: Any) -> None:
    """Change some of a run's facts, set these tags, and take away those; others may be at it at the same time."""
    with lock(f"folder {folder.parent}"):
        facts = facts_in(folder)
        facts |= changes
        kept = {name: text for name, text in facts["tags"].items() if name not in gone}
        facts["tags"] = kept | dict(tags or {})
        write(folder / RUN, json.dumps(facts, indent=1))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def folders(root: Path, beginning: str = "", ends: Container[str] | None = None) -> Iterator[Path]:
    """The folders of a store whose names begin so. ends: what their names end with, behind a hyphen."""
    with os.scandir(root) as entries:  # quicker than `iterdir` among a thousand
        for entry in entries:
            named = entry.name.startswith(beginning) and (ends is None or entry.name.rpartition("-")[2] in ends)
            if named and entry.is_dir():
                yield root / entry.name

"""Whole runs out of a folder of plain files, and into one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from nnexp.errors import UsageError
from nnexp.runtime.heartbeat import HEARTBEAT, this_process
from nnexp.runtime.owned_files import MARK, discard, take, write, written
from nnexp.tracking.contents import Contents, Point, StoredFile, plain
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder.recorder import KEY_DIGITS
from nnexp.tracking.folder.run_files import BEAT, EPOCHS, RUN
from nnexp.tracking.folder.sweep_summary import OWNER, REPORT, TEXT, summary_folder
from nnexp.tracking.note_links import relinked
from nnexp.tracking.run_store import CHECKPOINTS, ID, StoredRun
from nnexp.tracking.tags import BEGUN, COPIED, KEY, NOTE, OF_AN_END, ORIGIN, SUMMARY

OWN = (RUN, EPOCHS, BEAT, MARK, TEXT)  # files of the store's own
A_KEY = re.compile(r"[0-9a-f]{64}")
SECONDS = "epoch_seconds"  # the metric that tells when an epoch ended, where nothing else does


def contents(folder: Path, run: StoredRun) -> Contents:
    """What the run, or summary, in this folder has."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
    sizes = {file.relative_to(folder).as_posix(): file.stat().st_size for file in files}
    return Contents(_points(folder, run), {path: StoredFile(path, sizes[path]) for path in plain(sizes, OWN)})


def _points(folder: Path, run: StoredRun) -> list[Point]:
    """Of lines without a time those that a run has which never paused; a summary has but its last values."""
    found, time = [], round(1000 * run.started)
    for line in run_files.lines(folder):
        time = line.time or time + round(1000 * line.metrics.get(SECONDS, 0))
        found += [Point(metric, line.epoch, value, time) for metric, value in line.metrics.items()]
    if SUMMARY in run.tags:
        time = round(1000 * (run.ended or run.started))
        return [Point(metric, 0, value, time) for metric, value in run.metrics.items()]
    return found


def receive(root: Path, run: StoredRun, offered: Contents, known: StoredRun | None, state: str) -> str:
    """Take a whole run into the store in the folder `root`; see `RunStore.receive`."""
    folder, owner = _place(root, run)
    take(folder, owner)
    resumed = known is not None and known.tags.get(COPIED, "").removeprefix(BEGUN) == state
    _begin(folder, run, known, state)
    there = contents(folder, known) if known else Contents((), {})
    merged = sorted([*there.points, *offered.points_beside(there.points)], key=lambda point: (point.step, point.time))
    if SUMMARY not in run.tags:
        write(folder / EPOCHS, "".join(map(str, _lines(merged))))
    new = offered.files_beside(there.files) if resumed else offered.files
    for path in plain(new, OWN):
        _store(run, new[path].place, folder / path, owner)
    _forget_checkpoints(folder, owner, offered)
    _end(folder, run, state)
    return run.origin if known is None else known.id


def _place(root: Path, run: StoredRun) -> tuple[Path, str]:
    """The folder of the run, and whose it is; both come from a store that others may write into."""
    if sweep := run.tags.get(SUMMARY):
        return summary_folder(root, sweep), OWNER
    key = run.tags.get(KEY, "")
    if not ID.fullmatch(run.origin) or not A_KEY.fullmatch(key):
        raise UsageError(f"run {run.id}: its key is {key!r}, expected the 64 digits of a run of nnexp's")
    return root / f"{run.origin}-{key[:KEY_DIGITS]}", key


def _begin(folder: Path, run: StoredRun, known: StoredRun | None, state: str) -> None:
    """Say that this process is at it: who looks for the run waits, or goes on with it if we are gone."""
    tags = this_process() | {COPIED: BEGUN + state}
    write(folder / BEAT, tags[HEARTBEAT])
    if known is not None:
        run_files.update(folder, tags, status="RUNNING", ended=None)
        return
    whose = {name: run.tags[name] for name in (KEY, SUMMARY) if name in run.tags}
    run_files.create(
        folder,
        id=run.origin,
        name=run.name,
        status="RUNNING",
        started=run.started,
        ended=None,
        tags=whose | tags,
        params=dict(run.params),
        metrics={},
        test_examples=run.test_examples,
        dataset=dict(run.dataset),
    )


def _lines(points: Sequence[Point]) -> list[run_files.Line]:
    """The points as lines, those of an epoch and a time in one."""
    same = groupby(points, key=lambda point: (point.step, point.time))
    return [run_files.Line(step, {point.metric: point.value for point in some}, time) for (step, time), some in same]


def _store(run: StoredRun, place: str, target: Path, owner: str) -> None:
    """Copy one of the run's files, whole or not at all."""
    top = target.parent
    if top.name == CHECKPOINTS or owner == OWNER:
        take(top, owner)
    top.mkdir(parents=True, exist_ok=True)
    with run.artifact(place) as file, written(target) as copy:
        copy.write(file.read_bytes())


def _forget_checkpoints(folder: Path, owner: str, offered: Contents) -> None:
    """Delete the copies of checkpoints that the run itself has no more."""
    place = folder / CHECKPOINTS
    if owner != OWNER and place.is_dir():
        old = [file.name for file in place.glob("*.npz") if f"{CHECKPOINTS}/{file.name}" not in offered.files]
        discard(place, owner, "|".join(map(re.escape, old)))


def _end(folder: Path, run: StoredRun, state: str) -> None:
    """Give it all that it has, now that its files are there: this makes it whole."""
    tags = {name: text for name, text in run.tags.items() if name != ORIGIN} | {COPIED: state}
    if SUMMARY in tags:
        pages = {"report": REPORT} if (folder / REPORT).is_file() else {}
        tags[NOTE] = relinked(tags.get(NOTE, ""), pages)
        write(folder / TEXT, tags[NOTE] + "\n")
    write(folder / BEAT, tags.get(HEARTBEAT, ""))
    gone = [name for name in run_files.facts_in(folder)["tags"] if name not in tags]
    run_files.update(
        folder,
        tags,
        [name for name in gone if name in OF_AN_END or name in this_process()],
        name=run.name,
        status=run.status,
        started=run.started,
        ended=run.ended,
        params=dict(run.params),
        metrics=dict(run.metrics),
        test_examples=run.test_examples,
        dataset=dict(run.dataset),
    )

"""Whole runs out of an MLflow store, and into one."""

from __future__ import annotations

import hashlib
import logging
import platform
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nnexp.errors import UsageError, in_a_line
from nnexp.runtime.heartbeat import this_process
from nnexp.runtime.temporary import temporary_folder
from nnexp.tracking.contents import Contents, Point, StoredFile
from nnexp.tracking.mlflow.database import database_of, histories_in
from nnexp.tracking.mlflow.model import log_weights
from nnexp.tracking.mlflow.private import delete_artifacts, know_artifacts
from nnexp.tracking.mlflow.rows import Batch, dataset_input
from nnexp.tracking.mlflow.runs import members_filter, search
from nnexp.tracking.mlflow.sqlite_rows import named_rows_of, rows_of
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.sweep_summary import REPORT
from nnexp.tracking.mlflow.ui.experiment_note import differing
from nnexp.tracking.mlflow.ui.image_log import FOLDER, log_images, plain_path
from nnexp.tracking.mlflow.ui.links import sweep_pages
from nnexp.tracking.mlflow.ui.server import page, picture
from nnexp.tracking.note_links import relinked
from nnexp.tracking.run_store import CHECKPOINTS, StoredRun
from nnexp.tracking.stored_weights import FINAL, final_epoch
from nnexp.tracking.tags import (
    BEGUN,
    COPIED,
    KEY,
    NOTE,
    OF_AN_END,
    ORIGIN,
    SUMMARY,
    key_tag,
    member,
    searchable,
    setting_tag,
)

if TYPE_CHECKING:
    from mlflow.entities import Run

log = logging.getLogger(__name__)

LONGEST = 5000  # characters of a tag that every store of MLflow's takes
SOURCE = "nnexp.copied_from"  # what a tag of an experiment begins with
REQUESTS = 4  # to a server at the same time, which has four processes unless it is told otherwise


def contents(store: Store, run: StoredRun) -> Contents:
    """What the run, or summary, has."""
    files = {plain_path(path): StoredFile(path, size) for path, size in _listed(store, run.id)}
    return Contents(_points(store, run), {path: file for path, file in files.items() if path})


def _listed(store: Store, run_id: str, folder: str | None = None) -> Iterator[tuple[str, int]]:
    """The paths of the run's artifacts, with their sizes in bytes."""
    for file in store.client.list_artifacts(run_id, folder):
        if file.is_dir:
            yield from _listed(store, run_id, file.path)
        else:
            yield file.path, int(file.file_size or 0)


def _points(store: Store, run: StoredRun) -> list[Point]:
    if database := database_of(store.client):
        return list(histories_in(database, run.id))
    with ThreadPoolExecutor(REQUESTS) as threads:
        found = threads.map(lambda metric: store.client.get_metric_history(run.id, metric), run.metrics)
        return [Point(each.key, each.step, each.value, each.timestamp) for points in found for each in points]


def receive(store: Store, run: StoredRun, offered: Contents, known: StoredRun | None, state: str) -> str:
    """Take a whole run into the store's experiment; see `RunStore.receive`.

    The metrics and the tags come last, in few requests, and then the status, which makes it whole.
    """
    there = contents(store, known) if known else Contents((), {})
    resumed = known is not None and known.tags.get(COPIED, "").removeprefix(BEGUN) == state
    copy = _begun(store, run, known, state)
    run_id = str(copy.info.run_id)
    know_artifacts(store.uri, copy)
    _store_files(store, copy, run, offered.files_beside(there.files) if resumed else offered.files)
    _forget_checkpoints(store, copy, there, offered)
    if run.has_results and FINAL in offered.files:
        _store_model(store, copy, run, new=known is None)
    if SUMMARY in run.tags:
        text = relinked(run.tags.get(NOTE, ""), _pages(store, run, copy, offered), partial(picture, run_id))
        run = replace(run, tags=dict(run.tags) | {NOTE: text})
    rows_of(store).write(run_id, _rest(run, offered, there, known, copy, state))
    return run_id


def load() -> None:
    """Import what `receive` needs."""
    for module in ("mlflow.models.signature", "mlflow.pyfunc", "mlflow.store.artifact.artifact_repository_registry"):
        import_module(module)


def _begun(store: Store, run: StoredRun, known: StoredRun | None, state: str) -> Run:
    """The copy, which says that this process is at it: who looks for it waits, or goes on with it if we are gone."""
    tags = this_process() | {COPIED: BEGUN + state}
    if known is not None:
        rows_of(store).write(known.id, Batch(tags=tags, status="RUNNING"))
        return store.client.get_run(known.id)
    tags = _tags(run) | tags
    if (rows := named_rows_of(store)).keeps_ids:
        return rows.create(run.name, tags, run.origin, _milliseconds(run.started))
    return rows.create(run.name, tags | {ORIGIN: run.origin}, start=_milliseconds(run.started))


def _rest(run: StoredRun, offered: Contents, there: Contents, known: StoredRun | None, copy: Run, state: str) -> Batch:
    """What is written last, all at once where the store can."""
    from mlflow.entities import Metric, Param

    new = offered.points_beside(there.points)
    tags, before = _tags(run) | {COPIED: state}, copy.data.tags
    has_data = not run.dataset or (known is not None and copy.inputs.dataset_inputs)
    return Batch(
        params=[Param(name, text) for name, text in run.params.items() if name not in copy.data.params],
        metrics=[Metric(point.metric, point.value, point.time, point.step) for point in new],
        tags={name: text for name, text in tags.items() if before.get(name) != text},
        dataset=None if has_data else dataset_input(run.dataset),
        status=run.status,
        ended=_milliseconds(run.ended) if run.ended else None,
        gone=[name for name in (*OF_AN_END, *this_process()) if name not in tags and name in before],
    )


def _pages(store: Store, run: StoredRun, copy: Run, offered: Contents) -> dict[str, str]:
    """The UI's pages of the sweep that the run sums up, as its text links to them."""
    sweep, run_id = run.tags[SUMMARY], str(copy.info.run_id)
    report = {"report": page(store, run_id, REPORT)} if REPORT in offered.files else {}
    return report | sweep_pages(store, sweep, settings_of(store, sweep))


def settings_of(store: Store, sweep: str) -> list[str]:
    """The settings that differ between the runs of a sweep, if those can be searched for."""
    return differing([run.data.params for run in search(store, members_filter(sweep))]) if searchable(sweep) else []


def _tags(run: StoredRun) -> dict[str, str]:
    """Its tags, in the length that MLflow takes, and those by which it is found; none named after a strange sweep."""
    found_by = {key_tag(run.tags[KEY]): "yes"} if run.tags.get(KEY) and SUMMARY not in run.tags else {}
    strange = {tag(sweep) for sweep in _sweeps(run) if not searchable(sweep) for tag in (member, setting_tag)}
    return {name: text[:LONGEST] for name, text in run.tags.items() if name not in {ORIGIN, *strange}} | found_by


def _sweeps(run: StoredRun) -> list[str]:
    """The sweeps that the run is in, by its tags."""
    return [name.removeprefix(member("")) for name in run.tags if name.startswith(member(""))]


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)


def _store_files(store: Store, copy: Run, run: StoredRun, files: Mapping[str, StoredFile]) -> None:
    """Upload those of the run's files; images over time as MLflow shows them."""
    with temporary_folder() as folder:
        images = Path(folder) / FOLDER
        for path, stored in files.items():
            with run.artifact(stored.place) as file:
                name = PurePosixPath(path)
                if name.parts[0] == FOLDER and len(name.parts) == 3 and name.stem.isdecimal():
                    target = images / name.parts[1] / name.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(file.read_bytes())
                else:
                    parent = name.parent.as_posix()
                    store.client.log_artifact(copy.info.run_id, str(file), None if parent == "." else parent)
        log_images(store.client, copy, images)


def _store_model(store: Store, copy: Run, run: StoredRun, new: bool) -> None:
    """Log the run's final weights as its model, if they can be read: a damaged run is copied as it is."""
    try:
        with run.artifact(FINAL) as weights:
            log_weights(store.client, copy, weights, final_epoch(run), new)
    except UsageError as error:
        log.warning("run %s gets no model: %s", copy.info.run_id, in_a_line(error))


def _forget_checkpoints(store: Store, copy: Run, there: Contents, offered: Contents) -> None:
    """Delete the copies of checkpoints that the run itself has no more."""
    old = {path for path in there.files if path.startswith(f"{CHECKPOINTS}/") and path not in offered.files}
    if old:
        listed = store.client.list_artifacts(copy.info.run_id, CHECKPOINTS)
        delete_artifacts(store.uri, copy, [file for file in listed if file.path in old])


def copied_from(store: Store, source: str) -> dict[str, str]:
    """What `remember` was told of this source, from a tag of the experiment."""
    said = str(store.client.get_experiment(store.experiment_id).tags.get(_tag(source), ""))
    return dict(each.split(":", 1) for each in said.split() if ":" in each)


def remember(store: Store, source: str, digests: Mapping[str, str]) -> None:
    """Write what was copied from a source into a tag of the experiment."""
    said = " ".join(f"{name}:{digest}" for name, digest in sorted(digests.items()))
    store.client.set_experiment_tag(store.experiment_id, _tag(source), said[:LONGEST])


def _tag(source: str) -> str:
    """The tag's name: of a source on this host, whose address is nobody's business."""
    return f"{SOURCE}.{hashlib.sha256(f'{platform.node()} {source}'.encode()).hexdigest()[:16]}"

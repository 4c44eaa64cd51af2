"""An examination of a run store: every check, whatever the others found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from nnexp.doctor.answering import check_clock, check_files, check_version, check_writing
from nnexp.doctor.finding import Examined, Finding
from nnexp.doctor.leftovers import check_checkpoints, check_dead_runs, check_waiting, left_here
from nnexp.doctor.room import check_disk, check_permissions, places_of
from nnexp.errors import NnexpError, TrackingError, in_a_line
from nnexp.tracking.mlflow.store import is_served, resolve, without_login
from nnexp.tracking.run_store import RunStore
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow

CHECKS: dict[str, Callable[[Examined], Iterator[Finding]]] = {  # of a store that is open, by what each looks at
    "version": check_version,
    "clock": check_clock,
    "writing": check_writing,
    "artifacts": check_files,
    "runs": check_dead_runs,
    "checkpoints": check_checkpoints,
}
ALWAYS_THERE = "Default"  # an experiment of each MLflow store
ASK = "see whether the store is there and whole, and whether you may write to it: on a server, EDIT is what it takes"


def examine(tracking: MLflow | Folder, here: Path) -> Iterator[Finding]:
    """What is well and what is not, one after the other. here: the folder of the command."""
    store, uri = None, resolve(tracking.uri) if isinstance(tracking, MLflow) else ""
    try:
        store = _opened(tracking)
    except NnexpError as error:
        said, *cure = error.lines
        yield Finding("opening", said, "; ".join(cure) or "choose another by --uri")
    if store:
        yield Finding("opening", "the store is there")
        yield from _of_open(store, here)
    if isinstance(tracking, MLflow) and is_served(uri):
        yield from check_waiting(here, without_login(uri), tracking.experiment)
    places = places_of(store.address if store else "", here)
    yield from check_permissions(places)
    yield from check_disk(places)
    yield from left_here(here)


def _opened(tracking: MLflow | Folder) -> RunStore:
    """The store, and nothing new in it: a server that has no run yet does not get its experiment here."""
    if isinstance(tracking, Folder):
        return tracking.open(make=False)
    store = MLflow(uri=tracking.uri, experiment=ALWAYS_THERE).itself(make=False)
    return store.other(tracking.experiment) if tracking.experiment in store.experiments() else store


def _of_open(store: RunStore, here: Path) -> Iterator[Finding]:
    try:
        with store.trial() as trial:
            for check in CHECKS:
                yield from _guarded(check, Examined(store, trial, here))
    except TrackingError as error:
        said, *cure = error.lines
        yield Finding("trial", said, "; ".join(cure) or ASK)
    except Exception as error:  # of any store
        yield Finding("writing", f"the store takes no run ({in_a_line(error)})", ASK)


def _guarded(check: str, examined: Examined) -> Iterator[Finding]:
    try:
        yield from CHECKS[check](examined)
    except Exception as error:  # of any store
        yield Finding(check, f"can't be told ({in_a_line(error)})", ASK)

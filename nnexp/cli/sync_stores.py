"""Which runs `nnexp sync`, `export` and `import` mean, and the store that they go into."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nnexp.cli.store_options import store_at
from nnexp.errors import UsageError, redacted
from nnexp.runtime.terminal import console
from nnexp.tracking.folder.address import USUAL
from nnexp.tracking.stores.base import EXPERIMENT
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.tracking.tags import KEY, SUMMARY
from nnexp.tracking.usual import tracking_at

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore, StoredRun

MLFLOW = "mlflow.db"  # the usual store of MLflow's in a folder


def meant(words: Sequence[str], source: str | None, experiment: str) -> tuple[list[StoredRun], int, str]:
    """The runs that the words mean, the summaries of sweeps among them; how many of other programs are left out.

    The third names the stores, if these runs are all that they have.
    words: folders, or beginnings of ids. source: of the store; none: those of the current folder.
    """
    folders = [Path(word) for word in words if Path(word).is_dir()]
    ids = [word for word in words if not Path(word).is_dir()]
    if folders and source:
        raise UsageError(f"--from: got {redacted(source)!r} and the folder {folders[0]}, expected one or the other")
    whole = [each for folder in folders for each in stores_in(folder, experiment)]
    called: list[StoredRun] = []
    if ids or not folders:
        stores = [store_at(source, experiment)] if source else stores_in(Path(), experiment)
        called, whole = [_called(stores, run_id) for run_id in ids], whole if ids else stores
    found = [run for store in whole for run in (*store.search(), *store.summaries())]
    runs, others = of_nnexp([*found, *called])
    return runs, others, "" if called else " ".join(sorted(store.identity for store in whole))


def of_nnexp(runs: Sequence[StoredRun]) -> tuple[list[StoredRun], int]:
    """Those that nnexp has made, each once, and how many others there are."""
    once = list({(run.store.identity, run.id): run for run in runs}.values())
    ours = [run for run in once if KEY in run.tags or SUMMARY in run.tags]
    return ours, len(once) - len(ours)


def _called(stores: Sequence[RunStore], run_id: str) -> StoredRun:
    """The run with this id in one of the stores."""
    from nnexp.tracking.lookup import run_called

    for store in stores[:-1]:
        if run_id.isalnum() and len(found := store.beginning(run_id)) == 1:
            return found[0]
    return run_called(stores[-1], run_id)


def stores_in(folder: Path, experiment: str) -> list[RunStore]:
    """The run stores that a folder is, or has: those of runs that were trained in it."""
    if Folder(path=str(folder)).is_there:
        return [Folder(path=str(folder)).open(make=False)]
    stores: list[RunStore] = []
    if (usual := Folder(path=str(folder / USUAL))).is_there:
        stores.append(usual.open(make=False))
    if (folder / MLFLOW).is_file():
        stores.append(MLflow(uri=f"sqlite:///{(folder / MLFLOW).absolute()}", experiment=experiment).open(make=False))
    if not stores:
        raise UsageError(f"{folder.absolute()}: has neither {USUAL} nor {MLFLOW}, expected runs; or give --from")
    return stores


def target_at(uri: str | None, experiment: str) -> RunStore:
    """The store that runs go into, made if it is not there; an address without `://` is that of a folder."""
    uri = uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        raise UsageError("--to: nothing given, expected a store; or put its address into MLFLOW_TRACKING_URI")
    return opened_for(uri, experiment)


def opened_for(uri: str | None, experiment: str) -> RunStore:
    """The same, or that of the current folder."""
    if not uri:
        return tracking_at(uri, experiment).open()
    if "://" in uri:
        return MLflow(uri=uri, experiment=experiment).itself()
    if experiment != EXPERIMENT:
        raise UsageError(f"--experiment: got {experiment!r}, but {uri} is a folder of runs, which has none")
    return Folder(path=uri).open()


@contextmanager
def with_progress(total: int) -> Iterator[Callable[[object], object]]:
    """What is called after each of so many runs: it moves a bar, where there is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("runs"), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda _: bar.advance(task)

"""Opening an MLflow store: which one, made once also when many first starts happen together, clear when it fails."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nnexp.errors import NoAnswer, TrackingError, in_a_line, of_the_disk, redacted
from nnexp.runtime.owned_files import made
from nnexp.runtime.waiting import doing
from nnexp.tracking.mlflow.private import load
from nnexp.tracking.mlflow.reachable import DATABASES, OTHER_ADDRESS, REFUSES, check_answers, is_server
from nnexp.tracking.mlflow.turns import T, in_turn
from nnexp.tracking.stores.base import EXPERIMENT

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

log = logging.getLogger(__name__)

WHERE_TRAINED = "start it in the folder where you trained, or say which store: --uri, or MLFLOW_TRACKING_URI"
SUCH_AS = "sqlite:////folder/mlflow.db or http://127.0.0.1:5000"
KEYED = "nnexp.keyed"  # a tag of an experiment, made with it: each run that nnexp puts there has `tags.key_tag`
WHOLE = {"alembic_version", "experiments", "runs", "tags", "params", "metrics", "latest_metrics", "datasets", "inputs"}


def resolve(uri: str | None) -> str:
    """The store to use, as an address that stays the same when the working folder changes.

    In this order: `uri`, MLFLOW_TRACKING_URI, and mlflow.db in the current folder, which `mlflow ui` opens.
    Raises `TrackingError` for a folder whose name a SQLite address can't hold.
    """
    uri = uri or os.environ.get("MLFLOW_TRACKING_URI") or "sqlite:///mlflow.db"
    file = sqlite_file(uri)
    if file is None:
        return uri
    if odd := sorted(set(str(file)) & set("?%#\"'")):
        raise TrackingError(
            f"{file}: the name has {' '.join(odd)}, which an SQLite address can't hold; use another folder"
        )
    return f"sqlite:///{file}"


def sqlite_file(uri: str) -> Path | None:
    """The absolute path of a SQLite store's file; None for any other store."""
    prefix = "sqlite:///"
    return Path(uri.removeprefix(prefix)).absolute() if uri.startswith(prefix) else None


def is_served(uri: str) -> bool:
    """Whether a server or a database's server is at the address."""
    return is_server(uri) or uri.startswith(DATABASES)


def without_login(uri: str) -> str:
    """A server's address without name and password, which go where MLflow looks for them and shows them to nobody."""
    scheme, mark, rest = uri.partition("://")
    login, at, place = rest.rpartition("@")
    if scheme not in ("http", "https") or not at:
        return uri
    name, _, password = login.partition(":")
    os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"] = unquote(name), unquote(password)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    return f"{scheme}{mark}{place}"


@dataclass(frozen=True)
class Store:
    """An open store, and the experiment that runs are filed under.

    keyed: whether each run of nnexp's in it has a tag named after its key. experiment: its name.
    """

    uri: str
    client: MlflowClient
    experiment_id: str
    keyed: bool = False
    experiment: str = EXPERIMENT

    def in_turn(self, step: Callable[[], T]) -> T:
        """What the step gives, which looks for something and makes it; others may be about to make the same."""
        return in_turn(self.uri, step)


def open_store(uri: str, experiment: str, make: bool = True) -> Store:
    """The store at this address, with the experiment; both are made if they are not there and `make` says so.

    Runs are to be created with this id: by name alone, some of several first starts would land in
    another experiment. Raises `TrackingError` if the store can't be opened.
    """
    uri = without_login(uri)
    file = sqlite_file(uri)
    if file and not file.is_file() and (file.exists() or not make):
        raise TrackingError(_not_there(file))
    load_for(uri)  # takes longer than opening a store, so not while others wait for their turn
    with doing(f"waiting for {redacted(uri)}"):
        check_answers(uri, experiment)
    if file and make and file.is_file():
        for needed in (file, file.parent):  # in which SQLite keeps a journal
            if not os.access(needed, os.W_OK):
                raise TrackingError(f"{needed}: may not be written, which a run that is to be remembered needs")
    from mlflow.tracking import MlflowClient

    def opened() -> Store:
        _make_if_new(uri)
        client = MlflowClient(uri)
        found = _experiment(client, experiment, make)
        return Store(uri, client, str(found.experiment_id), KEYED in found.tags, experiment)

    try:
        with doing(f"opening {redacted(uri)}"):
            return in_turn(uri, opened)
    except TrackingError:
        raise
    except Exception as error:
        away = is_server(uri) and _status(error) not in REFUSES
        raise (NoAnswer if away else TrackingError)(_why(uri, error)) from error


def _status(error: Exception) -> int:
    """The HTTP status that MLflow's exception stands for; 0 for another."""
    return int(getattr(error, "get_http_status_code", lambda: 0)())


def load_for(uri: str) -> None:
    """Import of MLflow what it takes to open a store at this address."""
    _prepare_environment()
    _hush()
    load(database=not is_server(uri))


def failure(error: Exception) -> TrackingError | None:
    """What to say of an error that MLflow raises from a store that is open; None for any other error."""
    mlflow = sys.modules.get("mlflow.exceptions")
    if mlflow is None or not isinstance(error, mlflow.MlflowException):
        return None
    reason = in_a_line(error).partition(": ")[2]
    return TrackingError(
        [f"the MLflow store can't do what it is asked ({reason})", "see whether it is there and whole"]
    )


def _prepare_environment() -> None:
    """MLflow reads these when it is imported; what the user has set stays."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # a run ends with its address anyway
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")  # else a server that is gone blocks for 8 minutes


def _make_if_new(uri: str) -> None:
    """Make a SQLite store that is not there under another name, then rename it: it is whole, or it is not there.

    MLflow makes its tables in some forty steps; a first start cut short among them would leave a file that no
    later start can use.
    """
    file = sqlite_file(uri)
    if file is None or file.exists():
        return
    from mlflow.tracking import MlflowClient

    log.info("making %s, which takes a few seconds, once", file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with made(file, "-journal") as part:  # a journal would be played back into the next one
        MlflowClient(f"sqlite:///{part}").search_experiments()


def _hush() -> None:
    """Leave out what is no news to the user."""
    levels = {"alembic": logging.WARNING, "mlflow": logging.WARNING, "urllib3": logging.ERROR}
    levels["mlflow.store.db"] = logging.CRITICAL  # its errors are raised as well, and said in our words
    for chatty, level in levels.items():
        logging.getLogger(chatty).setLevel(level)


def _experiment(client: MlflowClient, name: str, make: bool) -> Experiment:
    found = client.get_experiment_by_name(name)
    if found is None and not make:
        known = ", ".join(each.name for each in client.search_experiments())
        raise TrackingError([f"--experiment: got {name!r}, expected one of {known}", WHERE_TRAINED])
    if found is None:
        return client.get_experiment(client.create_experiment(name, tags={KEYED: "yes"}))
    if found.lifecycle_stage != "active":
        raise TrackingError(
            f"tracking.experiment: {name!r} is deleted; restore it with "
            f"`mlflow experiments restore -x {found.experiment_id}` or choose another name"
        )
    return found


def _why(uri: str, error: Exception) -> list[str]:
    """The message for a store that does not open, in lines."""
    if words := of_the_disk(error):
        return [f"{redacted(uri)}: can't open this MLflow store: {words}"]
    file = sqlite_file(uri)
    if file and file.is_file() and _half_made(file):
        return [
            f"{file}: this store was left half made when its very first start was cut short, and can't be used",
            "it holds no runs: delete it, or move it away, and start again",
        ]
    if "://" not in uri:  # of a path MLflow tells at length how its stores were once
        found = "is neither an MLflow store nor a folder of runs" if Path(uri).exists() else "is not there"
        return [f"{uri}: {found}; expected an address such as {SUCH_AS}, or the folder of tracking=folder"]
    first_line = in_a_line(error).partition(": ")[2] or type(error).__name__
    advice = f"{OTHER_ADDRESS}, such as {SUCH_AS}"
    if "out-of-date database schema" in first_line:
        advice = f"it is of an earlier MLflow: make a copy of it, then mlflow db upgrade {redacted(uri)}"
    if "database is locked" in first_line:
        advice = "another program holds it: try again when that has ended"
    return [f"{redacted(uri)}: can't open this MLflow store ({first_line})", advice]


def _not_there(file: Path) -> list[str]:
    """The message for a SQLite store that can't be read because it is not there."""
    if file.exists():
        return [f"{file}: is no file, expected an MLflow store", OTHER_ADDRESS]
    return [f"{file.parent}: there is no {file.name}, so no runs", WHERE_TRAINED]


def _half_made(file: Path) -> bool:
    """Whether something else than nnexp has begun to make MLflow's tables and not finished, and no run is in it.

    A store with a run is never called so: what stands in the way of opening it can be put right.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            runs = "runs" in tables and connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.Error:
        return False
    half = not tables >= WHOLE or any(name.startswith("_alembic_tmp_") for name in tables)
    return half and not runs

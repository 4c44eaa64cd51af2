"""Opening an MLflow store: which one, made once also when many first starts happen together, clear when it fails."""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nnexp.errors import TrackingError, in_a_line, redacted
from nnexp.runtime.files import made

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)

OPENING_SECONDS = 120  # making a new store takes about four; this is for a queue of first starts


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
    """An open store, and the experiment that runs are filed under."""

    uri: str
    client: MlflowClient
    experiment_id: str


def open_store(uri: str, experiment: str, make: bool = True) -> Store:
    """The store at this address, with the experiment; both are made if they are not there and `make` says so.

    Runs are to be created with this id: by name alone, some of several first starts would land in
    another experiment. Raises `TrackingError` if the store can't be opened.
    """
    _prepare_environment()
    uri = without_login(uri)
    file = sqlite_file(uri)
    if file and not file.is_file() and (file.exists() or not make):
        what = "is no file" if file.exists() else "there is no such file"
        raise TrackingError(f"{redacted(uri)}: can't open this MLflow store: {what}")
    from mlflow import MlflowClient  # takes longer than opening a store, so not while others wait for their turn

    with _only_one(uri):
        try:
            _hush()
            _make_if_new(uri)
            client = MlflowClient(uri)
            return Store(uri, client, _experiment_id(client, experiment, make))
        except TrackingError:
            raise
        except Exception as error:
            raise TrackingError(_why(uri, error)) from error


def experiments(store: Store) -> list[str]:
    """The names of all experiments there are."""
    return [str(each.name) for each in store.client.search_experiments()]


def ui_command(store: Store) -> str | None:
    """What starts MLflow's UI on this store; None for a server, which has it."""
    if store.uri.startswith("http"):
        return None
    usual = store.uri == resolve("sqlite:///mlflow.db")
    return "mlflow ui" if usual else f"mlflow ui --backend-store-uri {redacted(store.uri)}"


def _prepare_environment() -> None:
    """MLflow reads these when it is imported; what the user has set stays."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
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
    from mlflow import MlflowClient

    log.info("making %s, which takes a few seconds, once", file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with made(file, "-journal") as part:  # a journal would be played back into the next one
        MlflowClient(f"sqlite:///{part}").search_experiments()


def _hush() -> None:
    """Leave out what is no news to the user. MLflow sets its level while it is imported, so this comes after."""
    for chatty, level in (("alembic", logging.WARNING), ("mlflow", logging.WARNING), ("urllib3", logging.ERROR)):
        logging.getLogger(chatty).setLevel(level)


def _experiment_id(client: MlflowClient, name: str, make: bool) -> str:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None and not make:
        known = ", ".join(each.name for each in client.search_experiments())
        raise TrackingError(f"--experiment: got {name!r}, expected one of {known}")
    if found is None:
        try:
            return str(client.create_experiment(name))
        except MlflowException:  # someone else was faster, on a server that we can't lock
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise TrackingError(
            f"tracking.experiment: {name!r} is deleted; restore it with "
            f"`mlflow experiments restore -x {found.experiment_id}` or choose another name"
        )
    return str(found.experiment_id)


@contextmanager
def _only_one(uri: str) -> Iterator[None]:
    """One process at a time for a database: two first starts at once would leave it half made for ever."""
    if uri.startswith(("http://", "https://")):
        yield
        return
    from filelock import Timeout

    from nnexp.track.locks import lock

    try:
        with lock(uri, OPENING_SECONDS):
            yield
    except Timeout:
        raise TrackingError(
            f"{redacted(uri)}: another process has been opening this store for {OPENING_SECONDS} seconds; "
            "end it, then try again"
        ) from None


def _why(uri: str, error: Exception) -> str:
    """The message for a store that does not open."""
    file = sqlite_file(uri)
    if file and file.is_file() and _half_made(file):
        return (
            f"{file}: this store was left half made when its very first start was cut short, and can't be used. "
            f"It holds no runs: delete it, or move it away, and start again"
        )
    first_line = in_a_line(error).partition(": ")[2] or type(error).__name__
    busy = "; another program holds it: try again when that has ended" if "database is locked" in first_line else ""
    return f"{redacted(uri)}: can't open this MLflow store: {first_line}{busy}"


def _half_made(file: Path) -> bool:
    """Whether something else than nnexp has begun to make MLflow's tables and not finished: no run can be in it."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            runs = "runs" in tables and connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.Error:
        return False
    return not runs or any(name.startswith("_alembic_tmp_") for name in tables)

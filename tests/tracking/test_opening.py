"""Which MLflow store is meant, and how it opens."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from running import environment, give_store

from nnexp.errors import TrackingError, redacted
from nnexp.tracking.mlflow.store import open_store, resolve, without_login
from nnexp.tracking.stores.mlflow import MLflow

# MLflow 3.17 calls what SQLAlchemy 2.1 deprecates, and warns of its own type hints while it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint:UserWarning"),
]


# Which store.


def test_the_default_store_is_mlflow_db_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve(None) == f"sqlite:///{tmp_path}/mlflow.db"


def test_the_environment_names_the_store_and_the_setting_overrides_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5001")
    assert resolve(None) == "http://127.0.0.1:5001"
    assert resolve("http://127.0.0.1:5002") == "http://127.0.0.1:5002"


def test_a_relative_sqlite_address_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("sqlite:///runs/some.db") == f"sqlite:///{tmp_path}/runs/some.db"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:s3cret@db/mlflow",
        "http://s3cret@db",
        "postgresql://db/mlflow?user=ann&password=s3cret",
        "http://ann:x/s3cret@db",
        "http://ann:x#s3cret@db",
        "http://ann:s3[cret@db",
    ],
)
def test_a_secret_is_not_shown_and_refused_as_a_setting(address: str) -> None:
    assert "s3cret" not in redacted(f"request to {address}/api failed").replace("s3[cret", "s3cret")
    (problem,) = MLflow(uri=address).problems()
    assert "MLFLOW_TRACKING_URI" in problem


def test_an_address_without_a_secret_is_shown_as_it_is() -> None:
    text = "http://127.0.0.1:5000/#/experiments/1 and sqlite:////some/folder/mlflow.db"
    assert redacted(text) == text


def test_the_login_of_a_server_goes_where_mlflow_looks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "")
    assert without_login("http://ann:s3%40cret@127.0.0.1:9/x") == "http://127.0.0.1:9/x"
    assert (os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]) == ("ann", "s3@cret")


@pytest.mark.parametrize("name", ["q?y", "p%20q", "a'b"])
def test_a_folder_that_an_sqlite_address_can_not_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / name)
    with pytest.raises(TrackingError, match="which an SQLite address can't hold"):
        resolve(None)


def test_a_half_made_store_is_recognised_with_advice(tmp_path: Path) -> None:
    """A first start that was cut short leaves Alembic's temporary tables, and MLflow fails on them for ever."""
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        store.execute("CREATE TABLE _alembic_tmp_runs (run_uuid TEXT)")
        store.execute("CREATE TABLE runs (run_uuid TEXT)")
        store.execute("CREATE TABLE experiments (experiment_id INTEGER)")
        store.execute("CREATE TABLE alembic_version (version_num TEXT)")
        store.execute("INSERT INTO alembic_version VALUES ('nothing MLflow knows')")
        store.commit()
    with pytest.raises(
        TrackingError, match=r"(?s)mlflow.db: this store was left half made .* delete it, or move it away"
    ):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(TrackingError, match=r"mlflow.db: can't open this MLflow store"):
        open_store(f"sqlite:///{tmp_path}/mlflow.db", "nnexp")


def test_an_unreachable_server_does_not_give_the_password_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HTTP_REQUEST_MAX_RETRIES", "0"), ("TRACKING_USERNAME", ""), ("TRACKING_PASSWORD", "")):
        monkeypatch.setenv(f"MLFLOW_{name}", value)
    with pytest.raises(TrackingError) as caught:
        open_store("http://ann:s3cret@127.0.0.1:9", "nnexp")
    assert "s3cret" not in str(caught.value)


def test_opening_a_store_again_finds_the_same_experiment(uri: str) -> None:
    assert open_store(uri, "nnexp").experiment_id == open_store(uri, "nnexp").experiment_id


def test_a_deleted_experiment_is_refused_with_the_way_to_restore_it(uri: str) -> None:
    store = open_store(uri, "gone")
    store.client.delete_experiment(store.experiment_id)
    with pytest.raises(TrackingError, match=f"mlflow experiments restore -x {store.experiment_id}"):
        open_store(uri, "gone")


SCRIPT = """
import os, sys
from nnexp.tracking.mlflow.store import open_store
store = open_store("sqlite:///mlflow.db", "nnexp")
print("pandas.core" in sys.modules, "fastapi" in sys.modules)
if not os.fork():
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    held = [os.readlink(link) for link in links if os.path.lexists(link)]
    print([path for path in held if "mlflow.db" in path], flush=True)
    os._exit(0)
os.wait()
store.client.search_experiments()
import mlflow, pandas
print(mlflow.data.from_pandas(pandas.DataFrame({"a": [1]})).name, mlflow.genai.evaluate.__name__, mlflow.__version__)
"""


@pytest.mark.slow
def test_what_a_store_does_not_need_is_there_when_it_is_asked_for_and_no_connection_is_forked(tmp_path: Path) -> None:
    give_store(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["False False", "[]", f"dataset evaluate {version('mlflow')}"]


@pytest.mark.parametrize(
    ("name", "found"), [("", "is neither an MLflow store nor a folder of runs"), ("nothing", "is not there")]
)
def test_a_path_that_is_no_store_is_told_in_a_line(tmp_path: Path, name: str, found: str) -> None:
    path = str(tmp_path / name)
    with pytest.raises(TrackingError) as refused:
        open_store(path, "nnexp", make=False)
    (line,) = refused.value.lines
    assert line.startswith(f"{path}: {found}; expected an address such as sqlite:///")

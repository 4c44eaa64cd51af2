"""The version of MLflow's tables, told without alembic."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from running import PATIENCE, environment, give_store

from nnexp.errors import TrackingError
from nnexp.tracking.mlflow.schema import newest
from nnexp.tracking.mlflow.store import open_store

OPEN = """
import sys
from nnexp.tracking.mlflow.store import open_store
open_store("sqlite:///mlflow.db", "nnexp")
print("alembic.runtime" in sys.modules, "pyarrow.lib" in sys.modules)
"""


def versions(folder: Path, **before: str | None) -> Path:
    """A folder of changes to tables, each with the one that it goes on from."""
    for name, earlier in before.items():
        said = f'"{earlier}"' if earlier else "None"
        (folder / f"{name}.py").write_text(f'"""A change."""\n\nrevision = "{name}"\ndown_revision = {said}\n')
    return folder


def set_version(file: Path, version: str) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [version])


def test_the_newest_version_is_the_one_that_alembic_tells() -> None:
    from mlflow.store.db import utils

    folder = Path(utils.__file__).parents[1] / "db_migrations" / "versions"
    assert newest(folder) == utils._get_latest_schema_revision()


def test_the_newest_version_is_the_one_that_none_goes_on_from(tmp_path: Path) -> None:
    assert newest(versions(tmp_path, c="a", a=None, b="c")) == "b"


@pytest.mark.parametrize("before", [{}, {"a": None, "b": "a", "c": "a"}, {"a": None, "b": "lost"}])
def test_what_is_no_one_line_of_changes_is_left_to_alembic(before: dict[str, str | None], tmp_path: Path) -> None:
    assert newest(versions(tmp_path, **before)) is None


def test_a_store_opens_without_alembic(tmp_path: Path) -> None:
    folder = give_store(tmp_path)
    words = [sys.executable, "-c", OPEN]
    said = subprocess.check_output(words, cwd=folder, env=environment(), text=True, timeout=PATIENCE)
    assert said.split() == ["False", "False"]


@pytest.mark.usefixtures("uri")  # MLflow's tables are described once, with warnings
def test_a_store_of_another_version_is_refused_in_mlflows_words(tmp_path: Path) -> None:
    folder = give_store(tmp_path)
    set_version(folder / "mlflow.db", "0123456789ab")
    with pytest.raises(TrackingError, match="Detected out-of-date"):
        open_store(f"sqlite:///{folder}/mlflow.db", "nnexp")


@pytest.mark.usefixtures("uri")
def test_a_store_that_says_no_version_is_looked_at_by_alembic(tmp_path: Path) -> None:
    folder = give_store(tmp_path)
    file = folder / "mlflow.db"
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
    with pytest.raises(TrackingError, match="Detected out-of-date"):
        open_store(f"sqlite:///{file}", "nnexp")

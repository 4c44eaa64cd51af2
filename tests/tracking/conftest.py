"""An MLflow store for the tests of a file."""

from __future__ import annotations

import contextlib
import warnings

import pytest
from running import give_store

from nnexp.tracking.mlflow.store import open_store


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = give_store(tmp_path_factory.mktemp("store"))
    with warnings.catch_warnings(), contextlib.chdir(folder):
        warnings.simplefilter("ignore")  # a module's fixture is made outside of its tests' filters
        import mlflow.pyfunc  # noqa: F401

        return open_store(f"sqlite:///{folder}/mlflow.db", "nnexp").uri

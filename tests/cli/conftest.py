"""A store with runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import client_of
from running import give_store, run_nnexp


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three finished runs: of 3, 1 and 2 epochs, eta 3, 0.01 and 1."""
    folder = tmp_path_factory.mktemp("cli")
    give_store(folder)
    client_of(folder)  # imports MLflow without its warnings
    for epochs, eta in ((3, 3), (1, 0.01), (2, 1)):
        done = run_nnexp(folder, "experiments=quick", "pictures=false", f"epochs={epochs}", f"eta={eta}")
        assert done.returncode == 0, done.stderr
    return folder

"""What the store knows of a sweep's jobs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from nnexp.sweeps.resume import stored
from nnexp.sweeps.table import cells


def test_a_run_on_its_way_has_no_result_in_the_table() -> None:
    run: Any = SimpleNamespace(id="x", status="KILLED", pruned_by="")
    assert cells(stored({}, run, {"test_accuracy": 0.8})) == ["-", "-", "-", "-", "killed", "x"]

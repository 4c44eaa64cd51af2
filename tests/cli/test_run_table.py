"""What a row of the table says of a run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from commands import client_of, nnexp
from running import give_store

from nnexp.cli.run_table import RunRow, show

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"epochs": "100", "epochs_done": 9.0}, "9/100"),
        ({"epochs": "100", "epochs_done": 100.0}, "100"),
        ({"epochs": "100"}, "100"),
        ({"epochs_done": 9.0}, None),
    ],
    ids=["stopped early", "to the end", "not known", "of another program"],
)
def test_epochs_are_those_done_and_those_wanted_where_they_differ(values: dict[str, Any], shown: str | None) -> None:
    assert RunRow(values).shown("epochs") == shown


def test_a_run_that_was_stopped_shows_the_epochs_that_it_has(tmp_path: Path) -> None:
    client = client_of(give_store(tmp_path))
    run_id = client.create_run(client.create_experiment("nnexp")).info.run_id
    client.log_param(run_id, "epochs", 9)
    for epoch in range(3):
        client.log_metric(run_id, "validation_accuracy", 0.5, step=epoch)
    client.update_run(run_id, status="KILLED")
    (row,) = json.loads(nnexp(tmp_path, "runs", "--json").stdout)["runs"]
    assert RunRow(row).shown("epochs") == "2/9"


def test_the_table_fits_80_columns_and_a_row_in_a_pipe_is_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "784-100-10 eta=0.5 seed=0 cost=cross_entropy regulariser=l2"
    accuracies = {"best_validation_accuracy": 0.9712, "test_accuracy_at_best_validation": 0.97}
    facts = {
        "id": "d" * 32,
        "name": name,
        "status": "FINISHED",
        "epochs": "100",
        "epochs_done": 9.0,
        "seconds": 12345.6,
    }
    row = RunRow(facts | accuracies | {"started": 1_700_000_000.0})
    monkeypatch.setenv("COLUMNS", "80")
    show([row])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(r"dddddddd +784-100-10 .*FINISHED +9/100 +97\.12 % +97\.00 % +2023-11-1\d", lines[1].rstrip())
    monkeypatch.delenv("COLUMNS")
    show([row])
    assert f"dddddddd  {name}  FINISHED   9/100          97.12 %  97.00 %  12345.6  " in capsys.readouterr().out

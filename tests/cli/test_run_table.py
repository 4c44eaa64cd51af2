"""What a row of the table says of a run."""

from __future__ import annotations

from typing import Any

import pytest

from nnexp.cli.run_table import RunRow


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

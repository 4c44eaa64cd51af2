"""Settings as text."""

from __future__ import annotations

from typing import Any

import pytest

from nnexp.tracking.params import as_text, from_text


def test_none_is_written_as_the_command_line_wants_it_and_read_as_earlier_runs_have_it() -> None:
    assert (as_text(None), from_text("None")) == ("null", None)


@pytest.mark.parametrize(
    "value",
    [3.0, 1e-5, 1e30, 7, None, True, [784, 30, 10], ["gradients"], [], "relu", "a: b", "2026-01-01", "x #1", "*"],
)
def test_a_setting_comes_back_from_the_text_that_it_is_kept_as(value: Any) -> None:
    assert repr(from_text(as_text(value))) == repr(value)

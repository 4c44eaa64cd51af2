"""The commands as a group."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from nnexp.cli import main


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("runz", "No such command 'runz'. Did you mean run or runs or rerun?"),
        ("comparison", "No such command 'comparison'. Did you mean compare or completion?"),
        ("xyzzy", "No such command 'xyzzy'."),
    ],
)
def test_a_command_that_there_is_not_is_answered_by_those_that_look_like_it(typed: str, message: str) -> None:
    result = CliRunner().invoke(main, [typed])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == f"Error: {message}"


@pytest.mark.parametrize("command", ["rerun", "verify", "predict", "serve", "export", "import", "worker"])
def test_an_argument_that_is_missing_is_answered_by_an_example(command: str) -> None:
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 2
    assert f". Example: nnexp {command} " in result.output.splitlines()[-1]

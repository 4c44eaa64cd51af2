"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nnexp.config.schema import GROUPS, defaults

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert command in README
    assert command in (ROOT / "scripts/test").read_text().splitlines()
    assert "bash scripts/test" in (ROOT / ".ci/run").read_text().splitlines()


@pytest.mark.parametrize("name", ["sizes", "epochs", "mini_batch_size", "eta", "seed"])
def test_a_default_in_the_table_is_the_one_that_holds(name: str) -> None:
    stated = re.search(rf"^\| `{name}` \| `(.*?)` \|", README, re.MULTILINE)
    assert stated
    assert stated[1] == str(defaults()[name]).replace(" ", "")


@pytest.mark.parametrize("group", GROUPS)
def test_the_table_names_every_choice_of_a_group(group: str) -> None:
    (row,) = re.findall(rf"^\| `{group}` \| (.*) \|$", README, re.MULTILINE)
    assert {choice.kind for choice in GROUPS[group]} <= set(re.findall(r"`(\w+)`", row))


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)

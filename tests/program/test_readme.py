"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from nnexp.config.help_page import tables

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert command in README
    assert command in (ROOT / "scripts/test").read_text().splitlines()
    assert "bash scripts/test" in (ROOT / ".ci/run").read_text().splitlines()


def test_its_tables_are_those_that_the_declarations_give() -> None:
    """If this fails, `python scripts/readme_tables.py` writes them anew."""
    assert tables() in README


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)

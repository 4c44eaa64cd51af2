"""Tables are put between their marks in the README."""

from __future__ import annotations

import pytest

from readme_tables import README, put


def test_a_table_takes_the_place_of_the_one_before() -> None:
    text = "before\n<!-- tables: how -->\nold\nold\n<!-- end of the tables -->\nafter\n"
    assert (
        put(text, "tables", "| new |") == "before\n<!-- tables: how -->\n| new |\n<!-- end of the tables -->\nafter\n"
    )


def test_a_text_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="has 0 places for speed table, expected one"):
        put("no marks", "speed table", "")


@pytest.mark.parametrize("name", ["tables", "speed table"])
def test_the_readme_has_a_place_for_each(name: str) -> None:
    assert "| put here |\n" in put(README.read_text(), name, "| put here |")

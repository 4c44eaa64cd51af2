"""Tables are put between their marks in their pages."""

from __future__ import annotations

import pytest

from readme_tables import PAGES, put


def test_a_table_takes_the_place_of_the_one_before() -> None:
    text = "before\n<!-- tables: how -->\nold\nold\n<!-- end of the tables -->\nafter\n"
    assert (
        put(text, "tables", "| new |") == "before\n<!-- tables: how -->\n| new |\n<!-- end of the tables -->\nafter\n"
    )


def test_a_text_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="has 0 places for speed table, expected one"):
        put("no marks", "speed table", "")


@pytest.mark.parametrize("name", PAGES)
def test_its_page_has_a_place_for_a_table(name: str) -> None:
    assert "| put here |\n" in put(PAGES[name].read_text(), name, "| put here |")

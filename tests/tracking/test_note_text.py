"""What becomes of the text that a user has written around our part of a note."""

from __future__ import annotations

import pytest

from nnexp.tracking.mlflow.ui.note_text import LONGEST_NOTE, with_ours

EARLIER = """[All runs](#/a) · [their curves](#/b) · the newest sweep: [rates](#/c)

| sweep | jobs | result | |
| --- | --- | --- | --- |
| [rates](#/c) | 12 | eta=3: 95 % \\| 94 % | [table](#/d) |

and 3 earlier ones"""


def marked(inside: str) -> str:
    """Our part as earlier versions wrote it."""
    return f"<!-- nnexp -->\n{inside}\n<!-- /nnexp -->"


def test_our_part_is_renewed_where_it_is() -> None:
    assert with_ours("above\n\nours\n\nbelow", "new", "ours") == "above\n\nnew\n\nbelow"


def test_it_comes_on_top_the_first_time() -> None:
    assert with_ours("", "new", "") == "new"
    assert with_ours("  indented", "new", "") == "new\n\n  indented"


def test_what_a_user_has_edited_is_theirs() -> None:
    assert with_ours("ours, edited", "new", "ours.") == "new\n\nours, edited"


def test_a_text_that_only_has_our_part_within_it_is_the_users() -> None:
    assert with_ours("OLDOLD x", "new", "OLD") == "new\n\nOLDOLD x"
    assert with_ours("I saw OLD there\n\nOLD", "new", "OLD") == "I saw OLD there\n\nnew"


def test_a_note_that_would_be_too_long_stays_as_it_is() -> None:
    note = "x" * (LONGEST_NOTE - 4)
    assert with_ours(note, "new", "") == note


def test_a_part_with_the_marks_of_earlier_versions_is_renewed_where_it_is() -> None:
    assert with_ours(f"Before.\n{marked(EARLIER)}\nAfter.", "new", "") == "Before.\nnew\nAfter."


def test_what_a_user_has_written_between_the_marks_is_put_below() -> None:
    edited = EARLIER.replace("\n\n|", "\n\nMine: | eta | 3 |\n\n|", 1)
    assert with_ours(f"{marked(edited)}\nAfter.", "new", "") == "new\n\nMine: | eta | 3 |\nAfter."


def test_the_indentation_behind_the_marks_stays() -> None:
    assert with_ours(f"{marked(EARLIER)}\n\n    code", "new", "") == "new\n\n    code"


@pytest.mark.parametrize(
    "note",
    [
        "The part from `<!-- nnexp -->` to `<!-- /nnexp -->` is nnexp's.",
        marked("all of it replaced by a user"),
        "<!-- nnexp --> cut",
        f"> {marked(EARLIER)}",
    ],
)
def test_a_text_that_mentions_the_marks_is_not_changed(note: str) -> None:
    assert with_ours(note, "new", "") == f"new\n\n{note}"


def test_once_more_changes_nothing() -> None:
    once = with_ours(f"Before.\n{marked(EARLIER)}\n  After.", "new", "")
    assert with_ours(once, "new", "new") == once

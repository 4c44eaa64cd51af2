"""How results show themselves."""

from __future__ import annotations

from nnexp.notebook.card import ROWS, Card

CARD = Card(
    title="sweep <eta>",
    lead="eta=1 beats eta=3",
    lines=["best run 25329940"],
    columns=["eta", "state"],
    rows=[["1", "done"], ["0.5", "new"]],
    left=frozenset(["state"]),
    spark="▁▅█  test accuracy",
    where=["look    nnexp ui d8396f9e"],
)


def test_as_text_it_is_lines() -> None:
    assert CARD.text().splitlines() == [
        "sweep <eta>",
        "eta  state",
        "  1  done",
        "0.5  new",
        "▁▅█  test accuracy",
        "eta=1 beats eta=3",
        "best run 25329940",
        "look    nnexp ui d8396f9e",
    ]


def test_as_html_nothing_in_it_is_markup() -> None:
    html = CARD.html()
    assert "sweep &lt;eta&gt;" in html
    assert "<eta>" not in html


def test_the_verdict_comes_before_the_table() -> None:
    html = CARD.html()
    assert html.index("eta=1 beats eta=3") < html.index("<table>") < html.index("best run")


def test_a_long_table_says_how_many_rows_are_left_out() -> None:
    long = Card("a", "b", columns=["n"], rows=[[str(number)] for number in range(ROWS + 2)])
    assert "and 2 more" in long.text()
    assert long.html().count("<tr>") == 1 + ROWS


def test_nothing_in_it_acts_on_a_terminal() -> None:
    assert "\x1b" not in Card("a\x1b[31m", "b", rows=[["\x1b"]], columns=["c"]).text()


def test_a_table_that_scrolls_can_be_reached_by_keyboard_and_has_a_name() -> None:
    assert '<div tabindex="0" role="region" aria-label="sweep &lt;eta&gt;"' in CARD.html()

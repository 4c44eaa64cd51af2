"""Curves as words."""

from __future__ import annotations

from nnexp.plots.spark import BLOCKS, spark


def test_the_lowest_value_is_the_lowest_block_and_the_highest_the_highest() -> None:
    assert spark([0.2, 0.9, 0.1]) == "▂█▁"


def test_equal_values_are_all_low() -> None:
    assert spark([0.5, 0.5]) == "▁▁"


def test_many_values_have_no_more_blocks_than_there_is_room_for() -> None:
    assert spark(range(1000), widest=8) == BLOCKS


def test_no_values_are_no_blocks() -> None:
    assert spark([]) == ""

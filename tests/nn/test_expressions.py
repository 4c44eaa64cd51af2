"""Formulas as text: what is computed where, and what formulas that differ in constants have in common."""

from __future__ import annotations

import numpy as np

from nnexp.nn.compiled.expressions import Text, constants
from nnexp.nn.formula import traced


def test_a_formula_is_computed_number_by_number() -> None:
    text = Text(traced(lambda z: 2 * z + 1, 1), ["x0[i]"])
    lines = ["t1 = c0 * x0[i]", "t2 = t1 + c1", "x1[i] = t2"]
    assert text.row(["x1[i] = {}"]) == ["for i in range(width):", *(f"    {line}" for line in lines)]


def test_constants_are_read_and_do_not_stand_in_the_text() -> None:
    formulas = [traced(lambda z, factor=factor: factor * z, 1) for factor in (2.0, 3.0)]
    assert [constants(each) for each in formulas] == [[2.0], [3.0]]
    assert len({tuple(Text(each, ["x0[i]"]).row(["x1[i] = {}"])) for each in formulas}) == 1


def test_a_row_is_summed_before_its_numbers_are_divided() -> None:
    text = Text(traced(lambda z: z / z.sum(axis=1, keepdims=True), 1), ["x0[i]"])
    summed = ["t1 = number(0)", "for i in range(width):", "    t1 = t1 + x0[i]"]
    assert text.row(["x1[i] = {}"]) == [*summed, "for i in range(width):", "    t2 = x0[i] / t1", "    x1[i] = t2"]


def test_what_a_result_does_not_need_is_not_computed() -> None:
    text = Text(traced(lambda z: (np.exp(z), z * z), 1), ["x0[i]"])
    assert not any("exp" in line for line in text.row(["", "x1[i] = {}"]))


def test_a_comparison_is_a_number() -> None:
    assert "    t1 = number(x0[i] > c0)" in Text(traced(lambda z: z > 0, 1), ["x0[i]"]).row(["x1[i] = {}"])

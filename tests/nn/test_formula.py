"""Formulas: what is traced of a rule, and that the calls made of it compute what the rule does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import Array, Number
from nnexp.nn.costs.base import Cost
from nnexp.nn.costs.softmax import Softmax
from nnexp.nn.formula import Operation, bound, run, traced

A, B, C = np.random.default_rng(0).standard_normal((3, 4, 3))


def computed(rule: Callable[..., Any], *arguments: Array) -> Array:
    out = np.empty_like(arguments[0])
    run(bound(traced(rule, len(arguments)), arguments, [out], []))
    return out


def test_a_rule_is_noted_as_its_ufuncs_in_their_order() -> None:
    formula = traced(lambda z: 0.5 * np.tanh(z) + 1, 1)
    assert formula.operations == {
        1: Operation(np.tanh, (0,)),
        2: Operation(np.multiply, (0.5, 1)),
        3: Operation(np.add, (2, 1.0)),
    }
    assert formula.results == (3,)


def test_what_is_done_twice_is_computed_once() -> None:
    formula = traced(lambda a, b: (a - b) * (a - b), 2)
    assert list(formula.operations.values()) == [Operation(np.subtract, (0, 1)), Operation(np.multiply, (2, 2))]


def without_work(a: Number, b: Number) -> Number:
    return 1 * a * 1 + 0 * b + 0 - 0


def test_multiplying_by_1_or_0_and_adding_0_are_no_work() -> None:
    assert traced(lambda a, b: np.tanh(without_work(a, b)), 2).operations == {2: Operation(np.tanh, (0,))}


def test_0_minus_something_is_work() -> None:
    assert np.array_equal(computed(lambda a: 0 - a, A), -A)


def test_it_tells_which_arguments_are_read() -> None:
    assert 0 not in traced(Activation.named("sigmoid").derivative, 2).reads()
    assert 1 not in traced(Activation.named("gelu").derivative, 2).reads()


@pytest.mark.parametrize(
    "rule",
    [
        lambda a, b, c: a * b - c,
        lambda a, b, c: (a + b) * (b + c) * (c + a) - a * b * c,
        lambda a, b, c: ((a - b) * (b - c)) / (1 + np.exp(a) + np.exp(b) * np.exp(c)),
        lambda a, b, c: np.maximum(a, b) - np.minimum(b, c),
        lambda a, b, c: (a > b) * c,
        lambda a, b, c: a - a.max(axis=1, keepdims=True) + b.sum(axis=1, keepdims=True) * c,
        lambda a, b, c: b,
        lambda a, b, c: 0.5,
        lambda a, b, c: -abs(a),
    ],
)
def test_the_calls_compute_what_the_rule_does(rule: Callable[..., Any]) -> None:
    assert np.array_equal(computed(rule, A, B, C), np.broadcast_to(rule(A, B, C), A.shape))


@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "relu", "leaky_relu", "gelu"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_activation_can_be_written_over_its_input(kind: str, dtype: str) -> None:
    activation, z = Activation.named(kind), A.astype(dtype)
    expected = activation.value(z.copy())
    run(bound(traced(activation.value, 1), [z], [z], []))
    assert np.array_equal(z, expected)


@pytest.mark.parametrize("kind", ["quadratic", "cross_entropy", "log_likelihood"])
def test_delta_leaves_activations_and_targets_as_they_were(kind: str) -> None:
    z, a, y = A.copy(), B.copy(), C.copy()
    run(bound(traced(Cost.named(kind).delta, 3), [z, a, y], [np.empty_like(z)], []))
    assert np.array_equal([z, a, y], [A, B, C])


def test_softmax_is_computed_row_by_row() -> None:
    assert np.array_equal(computed(Softmax().value, A), Softmax().value(A))


@pytest.mark.parametrize(
    "rule",
    [
        lambda a, b: (a + b, a - b),
        lambda a, b: (b, a),
        lambda a, b: (b * b, a * a + b),
        lambda a, b: (a, a),
        lambda a, b: (1.0, a * b),
    ],
)
def test_arguments_that_are_written_over_are_read_first(rule: Callable[..., Any]) -> None:
    a, b = A.copy(), B.copy()
    expected = [np.broadcast_to(each, a.shape).copy() for each in rule(a, b)]
    run(bound(traced(rule, 2), [a, b], [a, b], []))
    assert np.array_equal([a, b], expected)


def test_the_calls_can_be_made_again_and_read_what_the_arrays_hold_then() -> None:
    z, out = A.copy(), np.empty_like(A)
    calls = bound(traced(lambda z: np.exp(z) * z, 1), [z], [out], [])
    run(calls)
    z[...] = B
    run(calls)
    assert np.array_equal(out, np.exp(B) * B)


def test_memory_for_what_is_in_between_is_used_by_the_next_formula_too() -> None:
    scratch: list[Array] = []
    for _ in range(2):
        bound(traced(lambda a, b, c: (a + b) * (b + c), 3), [A, B, C], [np.empty_like(A)], scratch)
    assert len(scratch) == 1


def test_constants_are_of_the_arrays_dtype() -> None:
    z = np.ones((2, 2), np.float32)
    out = np.empty_like(z)
    run(bound(traced(lambda z: 0.1 * z, 1), [z], [out], []))
    assert out.dtype == np.float32
    assert np.all(out == np.float32(0.1))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (lambda a: a if a > 0 else 0, "can't branch on its numbers"),
        (lambda a: np.where(a > 0, a, 0), "can't use where, which is no ufunc"),
        (np.add.accumulate, "can't use add.accumulate"),
        (lambda a: a.sum(axis=0, keepdims=True), "can't use add.reduce with {'axis': 0, 'keepdims': True}"),
        (lambda a: np.modf(a)[0], "can't use modf"),
    ],
)
def test_what_is_no_formula_is_refused(rule: Callable[..., Any], message: str) -> None:
    with pytest.raises(TypeError, match=message.replace("{", r"\{")):
        traced(rule, 1)

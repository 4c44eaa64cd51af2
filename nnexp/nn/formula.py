"""Formulas on numbers, written down as the list of numpy calls that compute them.

A part's rule is a plain function of numbers, made of operators, numpy's ufuncs, and a row's `max` and `sum`. `traced`
calls it once with symbols in the places of arrays and notes what is done to them. What comes out can be bound to
memory (`bound`), and be asked what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from nnexp.nn.arrays import Array

Operand = int | float  # an int is a place: of an argument, or of an earlier result; a float is a constant
Call = Callable[[], Any]


@dataclass(frozen=True)
class Operation:
    """A ufunc and what it is given. of_rows: whether it makes one number of each row, by `ufunc.reduce`."""

    ufunc: np.ufunc
    operands: tuple[Operand, ...]
    of_rows: bool = False


@dataclass(frozen=True)
class Formula:
    """Arguments lie at the places 0, 1, ...; each operation's result at its key, in the order of computing.

    results: the places of what the rule gives.
    """

    arguments: int
    operations: dict[int, Operation]
    results: tuple[int, ...]

    def reads(self) -> list[int]:
        """Every place that an operation or the outside reads, as often as it is read."""
        places = [each for operation in self.operations.values() for each in operation.operands]
        return [*(each for each in places if isinstance(each, int)), *self.results]


class Symbol(NDArrayOperatorsMixin):
    """Stands for an array while a rule is traced: notes each operation, and gives the symbol of its result."""

    def __init__(self, place: int, arguments: int, operations: dict[int, Operation]) -> None:
        self.place = place
        self._arguments = arguments
        self._operations = operations

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Symbol | float:
        of_rows = method == "reduce" and options == {"axis": 1, "keepdims": True}
        if ufunc.nout != 1 or not (of_rows or (method == "__call__" and not options)):
            raise TypeError(f"a formula can't use {ufunc.__name__}.{method} with {options}")
        known = _without_work(ufunc, inputs)
        return self.noted(Operation(ufunc, tuple(map(_operand, inputs)), of_rows)) if known is None else known

    def noted(self, operation: Operation) -> Symbol:
        """The symbol of the operation's result; of the earlier one, if the same was done before."""
        for place, earlier in self._operations.items():
            if earlier == operation:
                return Symbol(place, self._arguments, self._operations)
        place = self._arguments + len(self._operations)
        self._operations[place] = operation
        return Symbol(place, self._arguments, self._operations)

    def max(self, axis: int, keepdims: bool) -> Any:
        """The largest number of each row."""
        return np.maximum.reduce(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def sum(self, axis: int, keepdims: bool) -> Any:
        """The sum of each row."""
        return np.add.reduce(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def __bool__(self) -> NoReturn:
        raise TypeError("a formula can't branch on its numbers: np.maximum, np.sign and comparisons are numbers, too")

    def __array_function__(self, function: Any, *_: Any) -> NoReturn:
        raise TypeError(f"a formula can't use {function.__name__}, which is no ufunc")


def traced(rule: Callable[..., Any], arguments: int) -> Formula:
    """The formula of a rule of so many arguments, which gives a number or a tuple of them.

    Raises `TypeError` for a rule that does anything but arithmetic.
    """
    operations: dict[int, Operation] = {}
    symbols = [Symbol(place, arguments, operations) for place in range(arguments)]
    given = rule(*symbols)
    results = []
    for each in given if isinstance(given, tuple) else (given,):
        if not isinstance(each, Symbol) or each.place < arguments:  # a result has a place of its own
            each = symbols[0].noted(Operation(np.positive, (_operand(each),)))  # noqa: PLW2901
        results.append(each.place)
    return Formula(arguments, operations, tuple(results))


def bound(formula: Formula, arguments: Sequence[Array], outs: Sequence[Array], scratch: list[Array]) -> list[Call]:
    """The calls that compute the formula of these arrays into `outs`, without allocating anything.

    An argument may be one of `outs`: it is written over once nothing reads it any more. scratch: memory for what is
    in between, used again by whoever is given the list; more is added where it does not suffice.
    """
    dtype, calls, memory = outs[0].dtype, list[Call](), dict[int, Array](enumerate(arguments))
    last = {place: place for place in formula.results} | _last_reads(formula)
    last |= dict.fromkeys(formula.results, max(formula.operations, default=0) + 1)
    for place, operation in formula.operations.items():
        operands = [memory[each] if isinstance(each, int) else np.array(each, dtype) for each in operation.operands]
        wanted = [outs[formula.results.index(place)]] if place in formula.results else outs
        shape = wanted[0].shape if place in formula.results else _shape(operation, operands)
        taken = [array for each, array in memory.items() if last.get(each, -1) > place]
        free = (a for a in (*wanted, *scratch) if a.shape == shape and not any(a is other for other in taken))
        if (out := next(free, None)) is None:
            scratch.append(out := np.empty(shape, dtype))
        memory[place] = out
        calls.append(_call(operation, operands, out))
    copied = [(memory[place], out) for place, out in zip(formula.results, outs, strict=True)]
    return calls + [partial(np.positive, array, out) for array, out in copied if array is not out]


def run(calls: list[Call]) -> None:
    """Make the calls in their order."""
    for call in calls:
        call()


def _without_work(ufunc: np.ufunc, inputs: tuple[Any, ...]) -> Any:
    """What multiplying by 1 or 0, or adding 0, gives: no operation; None for any other."""
    for number, other in (inputs, inputs[::-1]) if len(inputs) == 2 else ():
        if not isinstance(number, Symbol):
            if ufunc is np.multiply and number in (0, 1):
                return other if number else 0.0
            if number == 0 and (ufunc is np.add or (ufunc is np.subtract and number is inputs[1])):
                return other
    return None


def _operand(each: Any) -> Operand:
    return each.place if isinstance(each, Symbol) else float(each)


def _last_reads(formula: Formula) -> dict[int, int]:
    """At which place each place is read for the last time."""
    reads = [(each, at) for at, operation in formula.operations.items() for each in operation.operands]
    return {each: at for each, at in reads if isinstance(each, int)}


def _shape(operation: Operation, operands: list[Array]) -> tuple[int, ...]:
    """() of a constant, (m, 1) of one number a row, (m, y) of all else: together they make the largest."""
    return (len(operands[0]), 1) if operation.of_rows else max(each.shape for each in operands)


def _call(operation: Operation, operands: list[Array], out: Array) -> Call:
    if operation.of_rows:
        return partial(operation.ufunc.reduce, operands[0], 1, None, out, True)  # type: ignore[call-arg]
    if operation.ufunc in (np.maximum, np.minimum):  # numpy wants it so; by position it is a little faster
        return partial(operation.ufunc, *operands, out=out)
    return partial(operation.ufunc, *operands, out)

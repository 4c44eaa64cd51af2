"""A formula as the text of a function: what numpy does array after array, done number by number.

Constants are read from an array, so that one machine code serves every value of a setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from nnexp.nn.formula import Formula, Operation

OPERATORS: dict[np.ufunc, str] = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**"}
COMPARED: dict[np.ufunc, str] = {
    **{np.greater: ">", np.greater_equal: ">=", np.less: "<", np.less_equal: "<="},
    **{np.equal: "==", np.not_equal: "!="},
}
OURS = (np.exp, np.expm1, np.tanh, np.maximum, np.minimum, np.sign)  # in `nnexp.nn.compiled.elementary`
FIRST: dict[np.ufunc, str] = {
    np.maximum: "-np.inf",
    np.minimum: "np.inf",
    np.add: "0",
}  # where a row's max, min and sum begin
INDENT = "    "


class Text:
    """The text that computes a formula for row after row of numbers.

    read: what each argument's number in a row is called, such as `x0[i]`. Names that the text expects: `constants`,
    `width`, and numpy's dtype of all numbers as `number`.
    """

    def __init__(self, formula: Formula, read: Sequence[str]) -> None:
        self._operations = formula.operations
        self._results = formula.results
        self._of_rows = _of_rows(formula)
        self._names = dict(enumerate(read)) | {place: f"t{place}" for place in formula.operations}
        self._slots = {key: f"c{slot}" for slot, (key, _) in enumerate(_constants(formula))}

    @property
    def has_rows(self) -> bool:
        """Whether a number depends on others of its row."""
        return bool(self._of_rows)

    def constants(self, first: int) -> list[str]:
        """The lines that read the constants, which lie in `constants` from `first` on."""
        return [f"{name} = constants[{slot}]" for slot, name in enumerate(self._slots.values(), start=first)]

    def row(self, statements: Sequence[str]) -> list[str]:
        """The lines for a row. statements: what takes each result, `{}` for it; empty where nothing has to be done."""
        lines = []
        for place in sorted(self._of_rows):
            operation = self._operations[place]
            if operation.of_rows:
                (operand,) = operation.operands
                taken = self._expression(Operation(operation.ufunc, (place, operand)))
                lines += [f"{self._names[place]} = number({FIRST[operation.ufunc]})"]
                lines += self._loop([int(operand)], [f"{self._names[place]} = {taken}"])
            else:
                lines.append(self._assignment(place))
        wanted = [(place, text) for place, text in zip(self._results, statements, strict=True) if text]
        return lines + self._loop([place for place, _ in wanted], [text.format(self._names[at]) for at, text in wanted])

    def _loop(self, wanted: list[int], statements: list[str]) -> list[str]:
        if not statements:
            return []
        lines = [*(self._assignment(place) for place in self._needed(wanted)), *statements]
        return ["for i in range(width):", *indented(lines)]

    def _needed(self, wanted: Iterable[int]) -> list[int]:
        """The places of what has to be computed of each number, in this order, to have those wanted."""
        needed: set[int] = set()
        left = list(wanted)
        while left:
            place = left.pop()
            if place in self._operations and place not in self._of_rows and place not in needed:
                needed.add(place)
                left += [each for each in self._operations[place].operands if isinstance(each, int)]
        return sorted(needed)

    def _assignment(self, place: int) -> str:
        return f"{self._names[place]} = {self._expression(self._operations[place], place)}"

    def _expression(self, operation: Operation, place: int = -1) -> str:
        operands = [
            self._names[each] if isinstance(each, int) else self._slots[place, at]
            for at, each in enumerate(operation.operands)
        ]
        ufunc = operation.ufunc
        if ufunc in OPERATORS:
            return f" {OPERATORS[ufunc]} ".join(operands)
        if ufunc in COMPARED:
            return f"number({f' {COMPARED[ufunc]} '.join(operands)})"
        name = ufunc.__name__ if ufunc in OURS else f"np.{ufunc.__name__}"
        return f"{name}({', '.join(operands)})"


def constants(formula: Formula) -> list[float]:
    """The formula's constants, in the order in which its text reads them."""
    return [number for _, number in _constants(formula)]


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one block deeper."""
    return [INDENT + line for line in lines]


def _constants(formula: Formula) -> Iterator[tuple[tuple[int, int], float]]:
    """Each constant, and where it is: the operation's place, and the operand's among its operands."""
    for place, operation in formula.operations.items():
        for at, operand in enumerate(operation.operands):
            if isinstance(operand, float):
                yield (place, at), operand


def _of_rows(formula: Formula) -> set[int]:
    """The places of what is one number for a whole row."""
    found: set[int] = set()
    for place, operation in formula.operations.items():
        inputs = [each for each in operation.operands if isinstance(each, int)]
        if operation.of_rows or (inputs and found.issuperset(inputs)):
            found.add(place)
    return found

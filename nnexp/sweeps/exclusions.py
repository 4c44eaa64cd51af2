"""Conditions on settings, such as `eta > 1 and cost == 'quadratic'`: read as data, never run as code."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from nnexp.component import declared
from nnexp.config.schema import GROUPS
from nnexp.errors import ConfigError

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
}
OF_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
EXPECTED = 'expected comparisons of settings and values, joined by and, or, not, such as "eta > 1 and seed in [0, 1]"'


class Condition:
    """A condition on settings; raises `ConfigError` for a text that is none, or names no setting.

    A setting that only other choices have is None, and None is neither less nor more than anything. name: what errors
    call it.
    """

    def __init__(self, text: str, name: str = "sweep.exclude") -> None:
        self._text = text
        self._name = name
        try:
            self._tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # a null byte; thousands of brackets
            raise self._refused(f"can't be read; {EXPECTED}") from None

    def holds(self, settings: Mapping[str, Any]) -> bool:
        """Whether these settings, by their names on the command line, meet it."""
        try:
            return bool(self._value(self._tree, settings))
        except RecursionError:
            raise self._refused("too deep to be read") from None

    def _value(self, node: ast.expr, settings: Mapping[str, Any]) -> Any:
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self._value(part, settings) for part in parts)
            case ast.BoolOp(op=ast.Or(), values=parts):
                return any(self._value(part, settings) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return not self._value(part, settings)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.Compare(left=left, ops=comparisons, comparators=others):
                values = [self._value(part, settings) for part in (left, *others)]
                return all(
                    self._compare(comparison, values[place], values[place + 1])
                    for place, comparison in enumerate(comparisons)
                )
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._value(item, settings) for item in items]
            case ast.Constant(value=int() | float() | str() | bool() | None as value):
                return value
            case ast.Name() | ast.Attribute():
                return self._setting(ast.unparse(node), settings)
        raise self._refused(f"{ast.unparse(node)!r} is none of what it may hold; {EXPECTED}")

    def _setting(self, name: str, settings: Mapping[str, Any]) -> Any:
        if name in settings:
            return settings[name]
        if name in ("true", "false", "null"):  # as they are written on the command line
            return {"true": True, "false": False, "null": None}[name]
        if _of_another_choice(name, settings):
            return None
        raise self._refused(f"there is no setting {name!r} (a word that is a value is quoted: '{name}')")

    def _compare(self, comparison: ast.cmpop, left: Any, right: Any) -> bool:
        compare = COMPARISONS.get(type(comparison))
        if compare is None:
            raise self._refused(EXPECTED)
        if isinstance(comparison, OF_ORDER) and (left is None or right is None):
            return False
        try:
            return compare(left, right)
        except TypeError:
            raise self._refused(f"{left!r} and {right!r} can't be compared") from None

    def _refused(self, why: str) -> ConfigError:
        return ConfigError([f"{self._name}: got {self._text!r}: {why}"])


def _of_another_choice(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether it is a setting that other choices of a group have, `optimiser.momentum` where that is sgd."""
    group, _, below = name.partition(".")
    kinds = GROUPS[group].kinds().values() if group in GROUPS and group in settings else ()
    return any(below in declared(kind) for kind in kinds)

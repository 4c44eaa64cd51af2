"""Whether what came from a file is of the types that the fields of its dataclass have."""

from __future__ import annotations

from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from nnexp.errors import ConfigError

T = TypeVar("T")


def typed(found: T, called: str) -> T:
    """The dataclass as it is; raises `ConfigError` naming each field of another type. called: what it is, in words."""
    hints = get_type_hints(type(found))
    problems = [
        f"{called}: {each.name}: got {value!r}, expected {_named(hints[each.name], each.type)}"
        for each in fields(found)  # type: ignore[arg-type]
        if not _is(value := getattr(found, each.name), hints[each.name])
    ]
    if problems:
        raise ConfigError(problems)
    return found


def _named(hint: Any, written: Any) -> str:
    return f"one of {', '.join(get_args(hint))}" if get_origin(hint) is Literal else str(written)


def _is(value: Any, hint: Any) -> bool:
    """Whether the value is of this type, one of those that travel as JSON; no truth is a number, a whole number is."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return isinstance(value, str) and value in inner
    if origin is UnionType:
        return any(_is(value, each) for each in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(_is(each, inner[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict)
    kinds: Any = {float: (int, float), NoneType: NoneType}.get(hint, hint)
    return isinstance(value, kinds) and (hint is bool or not isinstance(value, bool))

"""Dimensions from what Hydra has read: `tag(log,interval(0.1,10))`, `choice(5,10)`, `range(1,10)`, `glob(*)`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    ParsedElementType,
    RangeSweep,
    Transformer,
)

from nnexp.config.schema import GROUPS
from nnexp.search.dimensions import Choice, Dimension, Interval, Steps

LOG = "log"  # the only tag
MOST = 10**6  # values of a range


def dimension(override: Override, annotations: Sequence[Any]) -> Dimension:
    """The dimension that an override with several values says. annotations: of its setting, wherever it is declared.

    Raises `ValueError` with what is wrong, as `got ..., expected ...`.
    """
    name, sweep = override.get_key_element(), override.value()
    tags: set[str] = getattr(sweep, "tags", set())
    if strange := tags - {LOG}:
        raise ValueError(f"got tag {', '.join(sorted(strange))}, expected {LOG} or none")
    if isinstance(sweep, IntervalSweep):
        return _interval(name, sweep, _number(annotations))
    if tags:
        raise ValueError(f"got {LOG} with values, expected it with an interval: tag({LOG},interval(1,10))")
    if isinstance(sweep, RangeSweep):
        return _steps(name, sweep, _number(annotations))
    return Choice(name, distinct(listed(override)))


def listed(override: Override) -> list[ParsedElementType]:
    """The values of a choice, a range or a glob, in the order in which they are written: a shuffle means nothing here.

    A sampler chooses at random itself, and a study that goes on has to find the same choices.
    """
    sweep: Any = override.value()
    if isinstance(sweep, Glob):
        group = override.get_key_element()
        if group not in GROUPS:
            raise ValueError(f"got glob, expected values: glob is for choices, such as cost={'glob(*)'}")
        return list(sweep.filter(list(GROUPS[group].kinds())))
    values = list(sweep.list if isinstance(sweep, ChoiceSweep) else _range(sweep))
    if not values:
        raise ValueError(f"got {override.get_value_string()}, which is no value at all")
    return values


def distinct(values: list[ParsedElementType]) -> tuple[str, ...]:
    """The values as words; raises `ValueError` for one that is there twice."""
    twice = [value for index, value in enumerate(values) if value in values[:index]]
    if twice:
        raise ValueError(f"got {Transformer.str(twice[0])} twice, expected each value once")
    return tuple(map(Transformer.str, values))


def _number(annotations: Sequence[Any]) -> type[int] | type[float]:
    """What numbers a setting takes; raises `ValueError` if it is something else."""
    types = {each for annotation in annotations for each in _alternatives(annotation)} - {NoneType}
    if types == {int}:
        return int
    if types <= {int, float, Any}:
        return float
    raise ValueError("got numbers, expected values to choose from: choice(...)")


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the only type."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _interval(name: str, sweep: IntervalSweep, kind: type[int] | type[float]) -> Interval:
    low, high, log = sweep.start, sweep.end, LOG in sweep.tags
    assert low is not None and high is not None  # noqa: S101, PT018  # what the grammar needs of an interval
    said = f"interval({low:g},{high:g})"
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"got {said}, expected finite ends")
    if low >= high:
        raise ValueError(f"got {said}, expected its first end to be the lower one")
    if log and low <= 0:
        raise ValueError(f"got tag({LOG},{said}), expected ends > 0")
    if kind is int and not (float(low).is_integer() and float(high).is_integer()):
        raise ValueError(f"got {said}, expected whole numbers as its ends")
    if kind is int or (isinstance(low, int) and isinstance(high, int)):  # as `int(interval(1,9))` has them
        return Interval(name, int(low), int(high), log)
    return Interval(name, float(low), float(high), log)


def _steps(name: str, sweep: RangeSweep, kind: type[int] | type[float]) -> Dimension:
    said = f"range({sweep.start},{sweep.stop},{sweep.step})"
    values: list[float] = sorted(_range(sweep))
    if not values:
        raise ValueError(f"got {said}, which is no value at all")
    if kind is int and not all(float(value).is_integer() for value in values):
        raise ValueError(f"got {said}, expected whole numbers")
    if kind is int or all(isinstance(value, int) for value in values):
        whole = [int(value) for value in values]
        step = whole[1] - whole[0] if len(whole) > 1 else 1
        return Steps(name, tuple(map(str, whole)), whole[0], whole[-1], step)
    exact = abs(Decimal(str(sweep.step)))
    end = Decimal(str(sweep.start)) + (len(values) - 1) * Decimal(str(sweep.step))
    low, high = sorted([Decimal(str(sweep.start)), end])
    return Steps(name, tuple(map(str, values)), float(low), float(high), float(exact))


def _range(sweep: RangeSweep) -> list[float]:
    """The numbers of a range; raises `ValueError` if there is no end of them."""
    assert sweep.start is not None and sweep.stop is not None  # noqa: S101, PT018  # what the grammar needs of a range
    said = f"range({sweep.start},{sweep.stop},{sweep.step})"
    if not all(map(math.isfinite, (sweep.start, sweep.stop, sweep.step))) or sweep.step == 0:
        raise ValueError(f"got {said}, expected finite numbers and a step that is not 0")
    if (sweep.stop - sweep.start) / sweep.step > MOST:
        raise ValueError(f"got {said}, expected at most {MOST:,} values, or an interval")
    return list(sweep.range())

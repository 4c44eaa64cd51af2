"""Dimensions from what Hydra has read: `tag(log,interval(0.1,10))`, `choice(5,10)`, `range(1,10)`, `glob(*)`.

What is wrong is raised as a `ValueError` that goes on from `eta: got interval(10,1), `.
"""

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
from nnexp.searches.dimensions import Choice, Dimension, Interval, Steps

LOG = "log"  # the only tag
MOST = 10**6  # values of a range


def dimension(override: Override, annotations: Sequence[Any]) -> Dimension:
    """The dimension that an override with several values says. annotations: of its setting, wherever it is declared."""
    name, sweep = override.get_key_element(), override.value()
    tags: set[str] = getattr(sweep, "tags", set())
    if not tags <= {LOG}:
        raise ValueError(f"expected no tag but {LOG}")
    if isinstance(sweep, IntervalSweep):
        return _interval(name, sweep, _kind_of_number(annotations))
    if tags:
        raise ValueError(f"expected {LOG} with an interval: tag({LOG},interval(1,10))")
    if isinstance(sweep, RangeSweep):
        return _steps(name, sweep, _kind_of_number(annotations))
    return Choice(name, tuple(map(_word, listed(override))))


def listed(override: Override) -> list[ParsedElementType]:
    """The values of a choice, a range or a glob, in the order in which they are written: a shuffle means nothing here.

    A sampler chooses at random itself, and a study that goes on has to find the same choices.
    """
    sweep = override.value()
    if isinstance(sweep, Glob):
        group = override.get_key_element()
        if group not in GROUPS:
            raise ValueError("expected values: glob is for choices, such as cost=glob(*)")
        values: list[ParsedElementType] = list(sweep.filter(list(GROUPS[group].kinds())))
    elif isinstance(sweep, ChoiceSweep):
        values = list(sweep.list)
    elif isinstance(sweep, RangeSweep):
        values = list(_numbers(sweep))
    else:
        raise ValueError("expected values, such as range(3)")
    if not values:
        raise ValueError("which is no value at all")
    if twice := [value for index, value in enumerate(values) if value in values[:index]]:
        raise ValueError(f"expected {_word(twice[0])} once")
    return values


def _word(value: ParsedElementType) -> str:
    return str(value).lower() if isinstance(value, bool) else str(Transformer.str(value))


def _kind_of_number(annotations: Sequence[Any]) -> type[int] | type[float]:
    """What numbers a setting takes; raises `ValueError` if it is something else."""
    types = {each for annotation in annotations for each in _alternatives(annotation)} - {NoneType}
    if types == {int}:
        return int
    if types <= {int, float, Any}:
        return float
    raise ValueError("expected values to choose from, for it is no number: choice(...)")


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the only type."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _interval(name: str, sweep: IntervalSweep, kind: type[int] | type[float]) -> Interval:
    low, high, log = sweep.start, sweep.end, LOG in sweep.tags
    assert low is not None and high is not None  # noqa: S101, PT018  # the grammar has it so
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("expected finite ends")
    if low >= high:
        raise ValueError("expected its first end to be lower than the second")
    if log and low <= 0:
        raise ValueError(f"expected ends > 0 with {LOG}")
    if kind is int and not (float(low).is_integer() and float(high).is_integer()):
        raise ValueError("expected whole numbers as its ends")
    if kind is int or (isinstance(low, int) and isinstance(high, int)):  # as `int(interval(1,9))` has them
        return Interval(name, int(low), int(high), log)
    return Interval(name, float(low), float(high), log)


def _numbers(sweep: RangeSweep) -> list[float]:
    """The numbers of a range, as a sweep has them; raises `ValueError` if there is no end of them."""
    start, stop, step = sweep.start, sweep.stop, sweep.step
    assert start is not None and stop is not None  # noqa: S101, PT018  # the grammar has it so
    if not all(map(math.isfinite, (start, stop, step))) or step == 0:
        raise ValueError("expected finite numbers, and a step that is not 0")
    if (stop - start) / step > MOST:
        raise ValueError(f"expected at most {MOST:,} values, or an interval")
    return list(sweep.range())


def _steps(name: str, sweep: RangeSweep, kind: type[int] | type[float]) -> Steps:
    values = sorted(_numbers(sweep))
    if not values:
        raise ValueError("which is no value at all")
    if kind is int and not all(float(value).is_integer() for value in values):
        raise ValueError("expected whole numbers")
    if kind is int or all(isinstance(value, int) for value in values):
        exact: list[float] = [int(value) for value in values]
        return Steps(name, tuple(map(str, exact)), tuple(exact))
    start, step = Decimal(str(sweep.start)), Decimal(str(sweep.step))
    exact = sorted(float(start + index * step) for index in range(len(values)))
    return Steps(name, tuple(map(str, values)), tuple(exact))

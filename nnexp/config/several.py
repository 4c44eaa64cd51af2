"""Overrides that list several values, as those of a sweep do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.errors import HydraException


def first(override: str) -> str:
    """The override with the first of its values, as it is if that is the only one; nothing if they can't be told.

    That of an interval is its lower end.
    """
    parsed = _parsed(override)
    if parsed is None or not parsed.is_sweep_override():
        return override
    if isinstance(interval := parsed.value(), IntervalSweep):
        return f"{parsed.get_key_element()}={interval.start:g}"
    try:
        return f"{parsed.get_key_element()}={next(iter(parsed.sweep_string_iterator()))}"
    except (HydraException, StopIteration):  # a glob's, and a range of none
        return ""


def with_those_of(preset: Mapping[str, Any], words: Sequence[str]) -> list[str]:
    """The words, behind what a preset lists by name; what the words say of a setting goes before that."""
    said = {word.partition("=")[0].lstrip("+~") for word in words}
    return [*(f"{name}={values}" for name, values in preset.items() if name not in said), *words]


def has_several(override: str) -> bool:
    """Whether it lists several values, as for a sweep."""
    parsed = _parsed(override)
    return parsed is not None and parsed.is_sweep_override()


def _parsed(override: str) -> Override | None:
    """The override as Hydra reads it; None if it can't."""
    try:
        (parsed,) = OverridesParser.create().parse_overrides([override])
    except Exception:  # Hydra's, and Python's own
        return None
    return parsed

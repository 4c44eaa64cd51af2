"""A search's trial: the settings that were tried, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["complete", "pruned", "failed", "running"]


@dataclass(frozen=True)
class SearchTrial:
    """What a search has tried, over one seed or several.

    number: from 0, in the order of asking. settings: that were chosen, by name; a setting of a choice that was not made
    is not among them. values: one for each objective, means over seeds; empty unless it is complete. seeds: how many
    runs of it have ended. test: mean test accuracy (0 to 1) of their chosen epochs, None if there is none. epochs: that
    were trained for it, over all seeds. curve: validation accuracy by epoch, of its first seed. runs: their ids.
    suggested: the settings as they were typed for the runs.
    """

    number: int
    settings: Mapping[str, Any]
    state: State
    values: tuple[float, ...] = ()
    seeds: int = 0
    test: float | None = None
    epochs: int = 0
    curve: Mapping[int, float] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    suggested: Mapping[str, str] = field(default_factory=dict)

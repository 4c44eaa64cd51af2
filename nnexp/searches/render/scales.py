"""The scales of a search's charts: of what was chosen, and of what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.plots.scales import Scale, around, around_powers
from nnexp.printable import counted
from nnexp.searches.render.values import axis_name, drawn, setting_text
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial
from nnexp.study.objectives import DIRECTIONS
from nnexp.train.ranking import is_number, value_rank

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 6  # numbers that are chosen of so few, each by two trials or more, stand beside each other as words do
ASIDE = 0.6  # of a column's width, over which its trials are spread
ACROSS, UP = 0.754878, 0.569840  # whose multiples, without their whole part, fill a square evenly: the R2 sequence
LETTERS = 26  # of the names of columns, beside each other in half the width
LONGEST = 14  # letters of a column's name


@dataclass(frozen=True)
class Axis:
    """A setting along an axis. columns: the values, where it has no scale of numbers; else scale."""

    name: str
    columns: Sequence[Any]
    scale: Scale

    def places(self, trials: Sequence[SearchTrial]) -> Array:
        """Where each trial is on it; NaN for one that has not got the setting."""
        return np.array([self.place(trial.settings) for trial in trials])

    def place(self, settings: Mapping[str, Any]) -> float:
        if self.name not in settings:
            return nan
        value = settings[self.name]
        return float(self.columns.index(value) if self.columns else value)

    def spread(self, trials: Sequence[SearchTrial], by: float = ACROSS) -> Array:
        """The same, in columns a little aside, by the trials' numbers: one must not hide another."""
        aside = [ASIDE * (trial.number * by % 1 - 0.5) for trial in trials]
        return self.places(trials) + (np.array(aside) if self.columns else 0.0)

    def put_across(self, axes: Axes) -> None:
        """Make it the x axis of a chart."""
        put_across(axes, self.scale, self.name)

    def put_up(self, axes: Axes) -> None:
        """Make it the y axis of a chart."""
        if self.scale.logarithmic:
            axes.set_yscale("log")
        axes.set_ylim(self.scale.low, self.scale.high)
        axes.set_yticks(list(self.scale.ticks), list(self.scale.names), fontsize=8)
        axes.minorticks_off()
        axes.set_ylabel(self.name)


def put_across(axes: Axes, scale: Scale, name: str) -> None:
    """Make the scale the x axis of a chart."""
    if scale.logarithmic:
        axes.set_xscale("log")
    axes.set_xlim(scale.low, scale.high)
    axes.set_xticks(list(scale.ticks), list(scale.names), fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel(name, fontsize=9)
    if sum(map(len, scale.names)) > LETTERS:
        for label in axes.get_xticklabels():
            label.set(rotation=25, ha="right", rotation_mode="anchor")


def axis(searched: Searched, name: str) -> Axis | None:
    """Of a setting; None where fewer than two values of it were tried."""
    values = [trial.settings[name] for trial in searched.trials if name in trial.settings]
    distinct = sorted({setting_text(value): value for value in values}.values(), key=value_rank)
    if len(distinct) < 2:
        return None
    few = len(distinct) <= COLUMNS and 2 * len(distinct) <= len(values)
    if few or not all(map(is_number, distinct)):
        ends, ticks = (-0.5, len(distinct) - 0.5), range(len(distinct))
        return Axis(name, distinct, Scale(*ends, ticks, [_short(setting_text(value)) for value in distinct]))
    if name in searched.logarithmic:
        return Axis(name, [], around_powers(distinct))
    return Axis(name, [], around(distinct, most=5, whole=all(isinstance(value, int) for value in distinct)))


@dataclass(frozen=True)
class Window:
    """What is shown of an objective: a quarter of the values, the worst ones, may be beyond its worse end."""

    objective: str
    low: float
    high: float

    @property
    def up(self) -> bool:
        """Whether more is better."""
        return DIRECTIONS[self.objective] == "maximize"

    def inside(self, values: Sequence[float]) -> tuple[Array, Array]:
        """The values as drawn, those beyond at the edge, and which these are."""
        shown = np.array([drawn(self.objective, value) for value in values])
        beyond = shown < self.low if self.up else shown > self.high
        room = EDGE * (self.high - self.low)
        return np.where(beyond, self.low + room if self.up else self.high - room, shown), beyond

    def good(self, values: Sequence[float]) -> Array:
        """How good each is, from 0 at the worse end to 1 for the best."""
        shown, _ = self.inside(values)
        best = shown.max() if self.up else shown.min()
        worst = shown.min() if self.up else shown.max()
        share: Array = (shown - worst) / ((best - worst) or 1.0)
        return share

    def put(self, axes: Axes, beyond: int = 0) -> None:
        """Make it the y axis of a chart, and say how many are at its edge."""
        axes.set_ylim(self.low, self.high)
        axes.set_ylabel(axis_name(self.objective))
        axes.grid(alpha=0.3)
        if beyond:
            words = f"{counted(beyond, 'trial')} at the edge: {'worse' if self.up else 'larger'} than shown"
            axes.set_title(words, fontsize=8, loc="right")


EDGE = 0.03  # of the window's height: how far inside of its edge what is beyond is drawn
ROOM = 0.08  # of the window's height, above and below
STRETCH = 2.0  # times what the better three quarters span: values farther out are beyond


def window(searched: Searched, which: int) -> Window:
    """Of an objective's values among complete trials."""
    objective = searched.objectives[which]
    sign = 1 if DIRECTIONS[objective] == "maximize" else -1
    values = sign * np.array([drawn(objective, trial.values[which]) for trial in searched.complete])
    best, quarter = values.max(), np.quantile(values, 0.25, method="lower")
    worst = max(values.min(), quarter - STRETCH * (best - quarter)) if best > quarter else values.min()
    room = ROOM * (best - worst) or 0.05 * (abs(best) or 1.0)
    ends = sorted((sign * (worst - room), sign * (best + room)))
    return Window(objective, *ends)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:5]}…{text[6 - LONGEST :]}"

"""The scales of a search's charts: of what was chosen, and of what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.plots.chart import Dots, Ink, Shape
from nnexp.plots.scales import Scale, around, around_powers, between, columns
from nnexp.searches.render.values import axis_name, drawn, named, setting_text
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial
from nnexp.study.objectives import DIRECTIONS
from nnexp.train.ranking import is_number, value_rank

COLUMNS = 6  # numbers that are chosen of so few, each by two trials or more, stand beside each other as words do
ASIDE = 0.6  # of a column's width, over which its trials are spread
ACROSS, UP = 0.754878, 0.569840  # whose multiples, without their whole part, fill a square evenly: the R2 sequence
LONGEST = 14  # letters of a column's name
HEIGHT = 220  # pixels, of a chart's panel


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

    def spread(self, trials: Sequence[SearchTrial], by: float) -> list[float]:
        """The same, in columns a little aside, by the trials' numbers: one must not hide another."""
        aside = [ASIDE * (trial.number * by % 1 - 0.5) for trial in trials]
        places: list[float] = (self.places(trials) + (np.array(aside) if self.columns else 0.0)).tolist()
        return places


def axis(searched: Searched, name: str) -> Axis | None:
    """Of a setting; None where fewer than two values of it were tried."""
    values = [trial.settings[name] for trial in searched.trials if name in trial.settings]
    distinct = sorted({setting_text(value): value for value in values}.values(), key=value_rank)
    if len(distinct) < 2:
        return None
    few = len(distinct) <= COLUMNS and 2 * len(distinct) <= len(values)
    if few or not all(map(is_number, distinct)):
        return Axis(name, distinct, columns([_short(setting_text(value)) for value in distinct]))
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

    def good(self, values: Sequence[float]) -> list[float]:
        """How good each is, from 0 at the worse end to 1 for the best."""
        shown, _ = self.inside(values)
        best = shown.max() if self.up else shown.min()
        worst = shown.min() if self.up else shown.max()
        share: list[float] = ((shown - worst) / ((best - worst) or 1.0)).tolist()
        return share

    @property
    def scale(self) -> Scale:
        """The y axis of a chart."""
        return between(self.low, self.high, most=6)

    def named(self, beyond: int = 0) -> str:
        """The name of that axis, with how many trials are at its edge."""
        worse = "worse" if self.up else "larger"
        return axis_name(self.objective) + (f"; {beyond} {worse} at the edge" if beyond else "")

    def shown(self, trials: Sequence[SearchTrial], which: int) -> list[float]:
        """Where the trials' values are drawn. which: of the objectives it is."""
        shown: list[float] = self.inside([trial.values[which] for trial in trials])[0].tolist()
        return shown

    def says(self, trial: SearchTrial, which: int) -> str:
        """`trial 7: validation 97.31 %`."""
        return f"trial {trial.number}: {named(self.objective, trial.values[which])}"

    def dots(
        self, trials: Sequence[SearchTrial], which: int, x: Sequence[float], label: str = "", ink: Ink = Ink.BLUE
    ) -> tuple[list[Dots], int]:
        """A dot for each trial, a triangle for one that is beyond the edge; and how many of these there are."""
        _, beyond = self.inside([trial.values[which] for trial in trials])
        every = list(zip(x, self.shown(trials, which), trials, beyond.tolist(), strict=True))
        made = []
        for shape, out in ((Shape.DOT, False), (Shape.DOWN if self.up else Shape.UP, True)):
            some = [(a, b, self.says(trial, which)) for a, b, trial, is_out in every if is_out is out]
            if some:
                a, b, says = map(list, zip(*some, strict=True))
                made.append(Dots(a, b, ink, says, "" if out else label, shape))
        return made, int(beyond.sum())


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

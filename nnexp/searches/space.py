"""What a search may try: from the words of the command line to dimensions, to a trial's settings, and back to words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from nnexp.component import Component
from nnexp.config.composer import Composer
from nnexp.config.meant import did_you_mean
from nnexp.config.schema import DECLARED, GROUPS, PLAIN, RULES
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError
from nnexp.searches.dimensions import Dimension, Trial
from nnexp.searches.parts import Parts, kinds_of
from nnexp.searches.reading import dimension, listed

SEED = "seed"
OF_GRIDS = ("zip", "jobs", "exclude")  # settings of a sweep that a search has no use for
NOTHING = "search: got nothing to choose, expected a setting with several values: 'eta=tag(log,interval(0.1,10))'"


@dataclass(frozen=True)
class Space:
    """What is fixed and what is to be found.

    fixed: words that have one value. dimensions: in the order of the command line, but that a choice comes before its
    settings. seeds: of the runs of each trial, if the words say several: replicates, no dimension. parts: that a trial
    may have, of the groups that the words name settings of.
    """

    fixed: list[str]
    dimensions: Sequence[Dimension]
    seeds: list[int] | None
    parts: Parts

    def suggest(self, trial: Trial) -> dict[str, str]:
        """The trial's settings, by name, as words; one of a choice only if the trial has made a choice that has it.

        A trial that Optuna has frozen gives what it had.
        """
        suggested: dict[str, str] = {}
        for each in self.dimensions:
            if self.parts.has(each.name, suggested):
                suggested[each.name] = each.suggest(trial)
        return suggested

    def words(self, suggested: Mapping[str, str]) -> list[str]:
        """The overrides of a job; what is fixed of a choice that it has not made is left out.

        suggested: `{}` for the job that has the defaults of all that varies.
        """
        fixed = (word for word in self.fixed if self.parts.has(_name_of(word), suggested))
        return [*fixed, *(f"{name}={value}" for name, value in suggested.items())]

    @property
    def values(self) -> dict[str, list[Any]]:
        """All values of each dimension, as Optuna has them; raises `ConfigError` naming each that is an interval."""
        values, problems = {}, []
        for each in self.dimensions:
            try:
                values[each.name] = each.values
            except ConfigError as error:
                problems += error.problems
        if problems:
            raise ConfigError(problems)
        return values

    @property
    def names(self) -> tuple[str, ...]:
        """Of the settings that are to be found."""
        return tuple(each.name for each in self.dimensions)

    @property
    def in_words(self) -> list[str]:
        """Each dimension in a line: `eta: 0.1 to 10, logarithmic`."""
        return [f"{each}{self._where(each.name)}" for each in self.dimensions]

    def _where(self, name: str) -> str:
        """Where there is a setting of this name, if not everywhere."""
        group, having = name.partition(".")[0], self.parts.having(name)
        return "" if having == self.parts.choices(group) else f", where {group} is {' or '.join(having)}"

    @property
    def size(self) -> int | None:
        """How many settings there are to try; None if that is no end."""
        if any(each.size is None for each in self.dimensions):
            return None
        groups = dict.fromkeys(each.name.partition(".")[0] for each in self.dimensions)
        return math.prod(sum(self._size(group, choice) for choice in self.parts.choices(group)) for group in groups)

    def _size(self, group: str, choice: str) -> int:
        """How many settings there are of a choice, or of a setting that is none."""
        of_it = [each for each in self.dimensions if each.name.partition(".")[0] == group]
        varied = [
            each for each in of_it if each.name not in self.parts.kinds and self.parts.has(each.name, {group: choice})
        ]
        return math.prod(each.size or 0 for each in varied)


def space(arguments: Sequence[str], parser: OverridesParser, compose: Composer, sweep: Sweep) -> Space:
    """The space that these words describe. sweep: the settings of the sweep as such, from the same words.

    Raises `ConfigError` with all that is wrong with them; whether each value is right, `check` tells.
    """
    overrides = parser.parse_overrides(list(arguments))
    names = list(map(_name_of, overrides))
    reader = _Reader([str(each.input_line) for each in overrides if not each.is_sweep_override()], compose)
    grids = [name for name in OF_GRIDS if getattr(sweep, name)]
    reader.problems += [f"sweep.{name}: is for grids, expected none in a search" for name in grids]
    varied = reader.those_to_vary(overrides)
    reader.read([each for each in varied if _name_of(each) in GROUPS])
    reader.find_parts(names)
    reader.read([each for each in varied if _name_of(each) not in GROUPS])
    if not reader.problems and not reader.found:
        reader.problems.append(NOTHING)
    if reader.problems:
        raise ConfigError(list(dict.fromkeys(reader.problems)))
    dimensions = [reader.found[name] for name in _in_order(names) if name in reader.found]
    return Space(reader.fixed, dimensions, reader.seeds, reader.parts)


class _Reader:
    """What has been read of a space so far, and what is wrong with it."""

    def __init__(self, fixed: list[str], compose: Composer) -> None:
        self.fixed = fixed
        self.found: dict[str, Dimension] = {}
        self.seeds: list[int] | None = None
        self.parts = Parts({})
        self.problems: list[str] = []
        self._compose = compose

    def those_to_vary(self, overrides: Sequence[Override]) -> list[Override]:
        """The overrides with several values, each of a setting that may have such."""
        names = list(map(_name_of, overrides))
        varied = {_name_of(each): each for each in overrides if each.is_sweep_override()}
        refused = {name: problem for name in varied if (problem := _not_to_vary(name))}
        self.problems += [f"{name}: {problem}" for name, problem in refused.items()]
        self.problems += [f"{name}: is there more than once, expected once" for name in varied if names.count(name) > 1]
        return [each for name, each in varied.items() if name not in refused]

    def read(self, varied: Sequence[Override]) -> None:
        """Read what these say; what says but one value is fixed."""
        for override in varied:
            name = _name_of(override)
            try:
                if name == SEED:
                    self._read_seeds(override)
                elif annotations := self.parts.annotations(name):
                    self._keep(dimension(override, annotations))
            except ValueError as error:
                self.problems.append(f"{name}: got {override.get_value_string()}, {error}")

    def _keep(self, dimension: Dimension) -> None:
        if dimension.size == 1:
            self.fixed.append(f"{dimension.name}={dimension.ends[0]}")
        else:
            self.found[dimension.name] = dimension

    def _read_seeds(self, override: Override) -> None:
        seeds = listed(override)
        self.problems += [problem for seed in seeds for problem in RULES[SEED].problems(SEED, seed)]
        if len(seeds) == 1:
            self.fixed.append(f"{SEED}={seeds[0]}")
        elif not self.problems:
            self.seeds = [int(str(seed)) for seed in seeds]

    def find_parts(self, names: Sequence[str]) -> None:
        """Find what may be chosen of each group that these are settings of, but where its choices are wrong."""
        unclear = {problem.partition(":")[0] for problem in self.problems}
        kinds: dict[str, dict[str, type[Component]]] = {}
        for group in dict.fromkeys(name.partition(".")[0] for name in names if "." in name):
            choices = self.found[group].ends if group in self.found else ()
            try:
                if group in GROUPS and group not in unclear:
                    kinds[group] = kinds_of(group, choices, self.fixed, self._compose)
            except ConfigError as error:
                self.problems += error.problems
        self.parts = Parts(kinds)
        strange = [name for name in names if not self.parts.having(name)]
        self.problems += [f"{name}: no such setting{did_you_mean(name)}" for name in strange]


def _name_of(word: Override | str) -> str:
    return word.partition("=")[0] if isinstance(word, str) else word.get_key_element()


def _not_to_vary(name: str) -> str:
    """Why a search can't vary a setting; empty if it can."""
    above, _, below = name.partition(".")
    if above in ("sweep", "experiments") or (above in DECLARED and not DECLARED[above].counts):
        return "has several values, expected one for the whole search"
    if name in (*PLAIN, *GROUPS) or (above in GROUPS and below):
        return ""
    return f"no such setting{did_you_mean(name)}"


def _in_order(names: Sequence[str]) -> list[str]:
    """The names, those of a choice's settings behind the choice."""
    at = {name: index for index, name in enumerate(names)}
    return sorted(names, key=lambda name: (max(at[name], at.get(name.partition(".")[0], -1)), "." in name))

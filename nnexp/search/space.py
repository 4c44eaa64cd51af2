"""What a search may try: from the words of the command line to dimensions, to a trial's settings, and back to words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from nnexp.component import Component
from nnexp.config.composer import Composer
from nnexp.config.errors import all_problems
from nnexp.config.meant import did_you_mean
from nnexp.config.schema import DECLARED, GROUPS, PLAIN, RULES, Config, is_plain
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError
from nnexp.search.dimensions import Dimension, Trial
from nnexp.search.reading import dimension, distinct, listed

SEED = "seed"
OF_GRIDS = ("zip", "jobs", "exclude")  # settings of a sweep that a search has no use for
NOTHING = "search: got nothing to choose, expected a setting with several values: 'eta=tag(log,interval(0.1,10))'"
Parts = Mapping[str, Mapping[str, type[Component]]]  # by group, by the word that chooses it; "" where it is not varied


@dataclass(frozen=True)
class Space:
    """What is fixed and what is to be found.

    fixed: words that have one value. dimensions: in the order of the command line, but that a choice comes before its
    settings. seeds: of the runs of each trial, if the words say several: replicates, no dimension. parts: of the groups
    whose settings are told apart, the classes that may be chosen.
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
            if self.fits(each.name, suggested):
                suggested[each.name] = each.suggest(trial)
        return suggested

    def words(self, suggested: Mapping[str, str]) -> list[str]:
        """The overrides of a job; what is fixed of a choice that it has not made is left out."""
        fixed = (word for word in self.fixed if self.fits(_name_of(word), suggested))
        return [*fixed, *(f"{name}={value}" for name, value in suggested.items())]

    @property
    def words_of_default(self) -> list[str]:
        """The overrides of the run that nobody has chosen anything for; without settings of a choice that is varied."""
        varied = {each.name for each in self.dimensions}
        return [word for word in self.fixed if _name_of(word).partition(".")[0] not in varied]

    def fits(self, name: str, chosen: Mapping[str, str]) -> bool:
        """Whether there is a setting of this name where these choices are made."""
        group, _, below = name.partition(".")
        if not below or group not in self.parts:
            return True
        return below in _settings(self.parts[group][chosen.get(group, "")])

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
    def in_words(self) -> list[str]:
        """Each dimension in a line: `eta: 0.1 to 10, logarithmic`."""
        return list(map(str, self.dimensions))

    @property
    def size(self) -> int | None:
        """How many settings there are to try; None if that is no end."""
        sizes = {each.name: each.size for each in self.dimensions}
        if None in sizes.values():
            return None
        varied = {name: size or 0 for name, size in sizes.items()}
        free = math.prod(size for name, size in varied.items() if name.partition(".")[0] not in self.parts)
        return free * math.prod(
            sum(
                math.prod(size for name, size in varied.items() if "." in name and self._is_of(name, group, choice))
                for choice in choices
            )
            for group, choices in self.parts.items()
        )

    def _is_of(self, name: str, group: str, choice: str) -> bool:
        return name.partition(".")[0] == group and self.fits(name, {group: choice})


def space(arguments: Sequence[str], parser: OverridesParser, compose: Composer, sweep: Sweep) -> Space:
    """The space that these words describe. sweep: the settings of the sweep as such, from the same words.

    Raises `ConfigError` with all that is wrong with them; whether each value is right, `check` tells.
    """
    overrides = parser.parse_overrides(list(arguments))
    varied = [each for each in overrides if each.is_sweep_override()]
    problems = [f"sweep.{name}: is for grids, expected none in a search" for name in OF_GRIDS if getattr(sweep, name)]
    problems += [problem for name in map(_name_of, varied) if (problem := _not_to_vary(name))]
    problems += _twice(overrides)
    if problems:
        raise ConfigError(problems)
    reader = _Reader([str(each.input_line) for each in overrides if each not in varied], compose)
    reader.read([each for each in varied if _name_of(each) in GROUPS])
    reader.find_parts([_name_of(each) for each in overrides])
    reader.read([each for each in varied if _name_of(each) not in GROUPS])
    if not reader.problems and not reader.found:
        reader.problems.append(NOTHING)
    if reader.problems:
        raise ConfigError(reader.problems)
    dimensions = [reader.found[name] for name in _in_order(list(map(_name_of, varied))) if name in reader.found]
    return Space(reader.fixed, dimensions, reader.seeds, reader.parts)


class _Reader:
    """What has been read of a space so far, and what is wrong with it."""

    def __init__(self, fixed: list[str], compose: Composer) -> None:
        self.fixed = fixed
        self.found: dict[str, Dimension] = {}
        self.seeds: list[int] | None = None
        self.parts: dict[str, dict[str, type[Component]]] = {}
        self.problems: list[str] = []
        self._compose = compose

    def read(self, varied: Sequence[Override]) -> None:
        """Read what these say; what says but one value is fixed."""
        for override in varied:
            name = _name_of(override)
            try:
                if name == SEED:
                    self._read_seeds(override)
                elif annotations := self._annotations(name):
                    found = dimension(override, annotations)
                    self.found |= {name: found} if found.size != 1 else {}
                    self.fixed += [f"{name}={found.ends[0]}"] if found.size == 1 else []
            except ValueError as error:
                self.problems.append(f"{name}: {error}")

    def find_parts(self, names: Sequence[str]) -> None:
        """Find the classes that may be chosen of each group that these names have settings of."""
        unclear = {problem.partition(":")[0] for problem in self.problems}
        choices = {name: each.ends for name, each in self.found.items()}
        firsts = {name: words[0] for name, words in choices.items()}
        for group in dict.fromkeys(name.partition(".")[0] for name in names if "." in name):
            if group in GROUPS and group not in unclear:
                words = choices.get(group, ("",))
                chosen = {word: firsts | ({group: word} if word else {}) for word in words}
                self.parts[group] = {word: self._part(group, each) for word, each in chosen.items()}
        self.problems += [
            f"{name}: no such setting{did_you_mean(name)}"
            for name in dict.fromkeys(names)
            if name.partition(".")[0] in self.parts and "." in name and not self._annotations(name)
        ]

    def _part(self, group: str, choices: Mapping[str, str]) -> type[Component]:
        """The class of a group's part where these choices are made."""
        words = [word for word in self.fixed if not is_plain(_name_of(word))]
        words += [f"{name}={choice}" for name, choice in choices.items()]
        try:
            return GROUPS[group].kinds()[self._compose(words)[group].kind]
        except Exception:  # Hydra lets Python's own pass
            found = all_problems(words, self._compose)
            if not found:
                raise
            self.problems += [each for each in found if each not in self.problems]
            return GROUPS[group]

    def _annotations(self, name: str) -> list[Any]:
        """The types that are declared of a setting, one for each class that may be chosen and has it."""
        group, _, below = name.partition(".")
        if not below:
            return [get_type_hints(Config)[name]]
        hints = [get_type_hints(part) for part in self.parts.get(group, {}).values() if below in _settings(part)]
        return [each[below] for each in hints]

    def _read_seeds(self, override: Override) -> None:
        if override.is_interval_sweep():
            raise ValueError(f"got {override.get_value_string()}, expected values: seed=range(3)")
        words = distinct(listed(override))
        if wrong := [problem for seed in listed(override) for problem in RULES[SEED].problems(SEED, seed)]:
            raise ValueError(wrong[0].removeprefix(f"{SEED}: "))
        if len(words) == 1:
            self.fixed.append(f"{SEED}={words[0]}")
        else:
            self.seeds = list(map(int, words))


def _name_of(word: Override | str) -> str:
    return word.partition("=")[0] if isinstance(word, str) else word.get_key_element()


def _settings(part: type[Component]) -> list[str]:
    return [each.name for each in part.settings_fields()]


def _not_to_vary(name: str) -> str:
    """Why a search can't vary a setting; empty if it can."""
    above = name.partition(".")[0]
    if above in ("sweep", "experiments") or (above in DECLARED and not DECLARED[above].counts):
        return f"{name}: has several values, expected one for the whole search"
    if name in (*PLAIN, *GROUPS) or (above in GROUPS and "." in name):
        return ""
    return f"{name}: no such setting{did_you_mean(name)}"


def _twice(overrides: Sequence[Override]) -> list[str]:
    names = list(map(_name_of, overrides))
    varied = dict.fromkeys(_name_of(each) for each in overrides if each.is_sweep_override())
    return [f"{name}: is said more than once, expected once" for name in varied if names.count(name) > 1]


def _in_order(names: Sequence[str]) -> list[str]:
    """The names, those of a choice's settings behind the choice."""
    at = {name: index for index, name in enumerate(names)}
    return sorted(names, key=lambda name: (max(at[name], at.get(name.partition(".")[0], -1)), "." in name))

"""The jobs of a sweep: every combination of the values that the command line lists, zipped, or read from a file."""

from __future__ import annotations

import csv
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError, in_a_line
from nnexp.printable import counted

OF_THE_SWEEP = ("sweep.", "search", "launch", "resume", "checkpoint_")  # what is one for all jobs
NOT_IN_ITS_NAME = (*OF_THE_SWEEP, "tracking")
MOST_OF_A_NAME = 80  # characters, for hashes to fit behind them


@dataclass(frozen=True)
class Axes:
    """What is fixed and what varies.

    fixed: overrides of every job. steps: for each independent axis, its steps: the overrides that go together.
    over: the names of what varies, in the order of the command line.
    """

    fixed: list[str]
    steps: list[list[list[str]]]
    over: list[str]

    @property
    def jobs(self) -> list[list[str]]:
        """The overrides of each job; the last axis goes round fastest."""
        return [[*self.fixed, *itertools.chain(*combination)] for combination in itertools.product(*self.steps)]

    @property
    def name(self) -> str:
        """What the sweep is called if nobody says: what it goes over, and a few digits of a hash of what is fixed.

        So one more value on an axis makes it no other sweep.
        """
        words = "-".join(_plain(name) for name in self.over) or "single"
        if len(words) > MOST_OF_A_NAME:
            words = f"{words[:MOST_OF_A_NAME]}-{hashlib.sha256(words.encode()).hexdigest()[:6]}"
        about = sorted(word for word in self.fixed if not word.startswith(NOT_IN_ITS_NAME))
        return f"{words}-{hashlib.sha256(' '.join(about).encode()).hexdigest()[:6]}" if about else words


def axes(fixed: list[str], values: dict[str, list[str]], parser: OverridesParser, sweep: Sweep) -> Axes:
    """What the sweep goes over; raises `ConfigError` with all that does not fit together.

    fixed, values: as `split` gives them.
    """
    problems = []
    steps, zipped_names = [], []
    for names in sweep.zipped:
        unknown = [name for name in names if name not in values]
        counts = {name: len(values[name]) for name in names if name in values}
        if unknown:
            problems.append(f"sweep.zip: got {', '.join(unknown)}, expected settings with several values")
        elif len(set(counts.values())) > 1:
            found = ", ".join(f"{name} has {count}" for name, count in counts.items())
            problems.append(f"sweep.zip: {found}: expected as many values of each")
        else:
            steps.append([list(step) for step in zip(*(values[name] for name in names), strict=True)])
        zipped_names += names
    if len(set(zipped_names)) < len(zipped_names):
        problems.append(f"sweep.zip: got {sweep.zip}, expected each setting once")
    steps = [[[value] for value in values[name]] for name in values if name not in zipped_names] + steps
    from_file: list[list[str]] = []
    if sweep.jobs is not None:
        listed, from_file = _read(Path(sweep.jobs), parser)
        twice = [name for name in listed if name in values or any(word.startswith(f"{name}=") for word in fixed)]
        problems += [f"sweep.jobs: {name} is in {sweep.jobs} and on the command line too" for name in twice]
    else:
        listed = []
    over = [*values, *listed]
    problems += [
        f"{name}: has several values, expected one for the whole sweep"
        for name in over
        if name.startswith(OF_THE_SWEEP)
    ]
    if problems:
        raise ConfigError(problems)
    return Axes(fixed, steps + ([from_file] if from_file else []), over)


def split(arguments: Sequence[str], parser: OverridesParser) -> tuple[list[str], dict[str, list[str]]]:
    """What has one value, as typed, and what has several: by name, an override for each value."""
    fixed: list[str] = []
    values: dict[str, list[str]] = {}
    for override in parser.parse_overrides(list(arguments)):
        name = override.get_key_element()
        if not override.is_sweep_override():
            fixed.append(override.input_line or f"{name}={override.get_value_element_as_str()}")
        elif override.is_discrete_sweep():
            values[name] = [f"{name}={value}" for value in override.sweep_string_iterator()]
            if not values[name]:
                raise ConfigError([f"{name}: got {override.input_line}, which is no value at all"])
        else:
            expected = f"values: {name}=1,2 or 'range(1,3)'; an interval is for a search: add search=tpe"
            raise ConfigError([f"{name}: got {override.input_line}, expected {expected}"])
    return fixed, values


def _read(path: Path, parser: OverridesParser) -> tuple[list[str], list[list[str]]]:
    """The settings that a CSV file names in its first row, and the overrides of each further row."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            names, *rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError([f"sweep.jobs: {path}: {getattr(error, 'strerror', None) or error}"]) from error
    except ValueError:
        raise ConfigError(
            [f"sweep.jobs: {path} is empty, expected a row of settings, then a row for each job"]
        ) from None
    problems = [
        f"sweep.jobs: {path}: row {number} has {counted(len(row), 'value')}, expected {len(names)}: {', '.join(names)}"
        for number, row in enumerate(rows, start=2)
        if len(row) != len(names)
    ]
    if len(set(names)) < len(names):
        problems.append(f"sweep.jobs: {path}: got {', '.join(names)} in its first row, expected each setting once")
    if not rows:
        problems.append(f"sweep.jobs: {path} has no rows below its first, expected one for each job")
    if problems:
        raise ConfigError(problems)
    jobs = [[f"{name}={cell}" for name, cell in zip(names, row, strict=True)] for row in rows]
    for number, job in enumerate(jobs, start=2):
        try:
            overrides = parser.parse_overrides(job)
        except Exception as error:  # Hydra lets Python's own pass, of a number that is too long
            raise ConfigError([f"sweep.jobs: {path}: row {number} can't be read ({in_a_line(error)})"]) from error
        if any(override.is_sweep_override() for override in overrides):
            raise ConfigError([f"sweep.jobs: {path}: row {number} lists several values, expected one in each cell"])
    return names, jobs


def _plain(name: str) -> str:
    """A setting's name as part of a sweep's."""
    return "".join(letter if letter.isalnum() or letter in "._" else "_" for letter in name.lstrip("+~"))

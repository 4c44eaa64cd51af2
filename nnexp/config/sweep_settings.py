"""The settings of a sweep as such: which combinations there are, and what they are called together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Optional

NAME = re.compile(r"[\w.-]+")


@dataclass
class Sweep:
    """How the values that the command line lists become jobs.

    name: what the sweep is called; None: after what it goes over. zip: settings whose values go together, first with
    first and second with second, instead of each with each; or a list of such lists. jobs: a CSV file with a column
    for each setting and a row for each job. exclude: a condition on settings; jobs that meet it are left out.
    plan: show the jobs, and run nothing.
    """

    name: Optional[str] = None  # noqa: UP045  # OmegaConf reads annotations at run time
    zip: list[Any] = field(default_factory=list)
    jobs: Optional[str] = None  # noqa: UP045
    exclude: Optional[str] = None  # noqa: UP045
    plan: bool = False

    @property
    def zipped(self) -> list[list[str]]:
        """The groups of settings whose values go together."""
        several = any(isinstance(each, list) for each in self.zip)
        return [list(map(str, group)) for group in (self.zip if several else [self.zip] if self.zip else [])]

    def problems(self) -> list[str]:
        """What is wrong with them, a line each."""
        problems = []
        if self.name is not None and not NAME.fullmatch(self.name):
            problems.append(f"sweep.name: got {self.name!r}, expected letters, digits, and . _ - between them")
        if any(isinstance(each, list) for each in self.zip) and not all(isinstance(each, list) for each in self.zip):
            problems.append(f"sweep.zip: got {self.zip}, expected a list of settings, or a list of such lists")
        return problems


@dataclass(frozen=True)
class Membership:
    """What a run has to do with the sweep that it is part of.

    sweep: its name. over: the settings that vary in it. group: which combination of those, seeds apart, the run has.
    """

    sweep: str
    over: tuple[str, ...]
    group: int = 0

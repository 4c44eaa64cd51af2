"""The settings of a sweep as such: which combinations there are, and what they are called together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nnexp.component import setting

NAME = re.compile(r"[\w.-]+")


@dataclass
class Sweep:
    """How the values that the command line lists become jobs.

    over: what varies, and group: which of its settings, seeds apart, a job has; the sweep itself fills both in.
    """

    name: str | None = setting(None, help="what it is called in MLflow; null: after what it goes over", counts=False)
    zip: list[Any] = setting(
        [],
        help="settings whose values go together, first with first and second with second: 'sweep.zip=[eta,epochs]'; or "
        "a list of such lists",
        counts=False,
    )
    jobs: str | None = setting(
        None, help="a CSV file: settings in its first row, a job in each other row", counts=False
    )
    exclude: str | None = setting(None, help="leave jobs out: \"sweep.exclude='eta > 1 and seed == 0'\"", counts=False)
    plan: bool = setting(
        False, help="show every job, what is done, and how long the rest will take; run nothing", counts=False
    )
    over: list[str] = field(default_factory=list)
    group: int = 0

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

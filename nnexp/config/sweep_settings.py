"""The settings of a sweep as such: which combinations there are, and what they are called together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nnexp.component import Rule, or_none, problems_of, setting

NAME = Rule(
    "letters from a to z, digits and . _ -, a letter or digit first, 100 at most",
    lambda name: bool(re.fullmatch(r"[a-zA-Z0-9][\w.-]{0,99}", name, re.ASCII)),
)
TOGETHER = Rule(
    "a list of settings, or a list of such lists", lambda names: len({isinstance(each, list) for each in names}) < 2
)


@dataclass
class Sweep:
    """How the values that the command line lists become jobs."""

    name: str | None = setting(
        None, help="what it is called; null: after what it goes over", rule=or_none(NAME), counts=False
    )
    zip: list[Any] = setting(
        [],
        help="settings whose values go together, first with first and second with second: 'sweep.zip=[eta,epochs]'; or "
        "a list of such lists",
        rule=TOGETHER,
        counts=False,
    )
    jobs: str | None = setting(
        None, help="a CSV file: settings in its first row, a job in each other row", counts=False
    )
    exclude: str | None = setting(None, help="leave jobs out: \"sweep.exclude='eta > 1 and seed == 0'\"", counts=False)
    plan: bool = setting(
        False, help="show every job, what is done, and how long the rest will take; run nothing", counts=False
    )

    @property
    def zipped(self) -> list[list[str]]:
        """The groups of settings whose values go together."""
        several = any(isinstance(each, list) for each in self.zip)
        return [list(map(str, group)) for group in (self.zip if several else [self.zip] if self.zip else [])]

    def problems(self) -> list[str]:
        """What is wrong with them, a line each."""
        return problems_of(self, "sweep.")


@dataclass(frozen=True)
class Membership:
    """What a run has to do with the sweep that it is part of.

    sweep: its name. over: the settings that vary in it. group: which combination of those, seeds apart, the run has.
    """

    sweep: str
    over: tuple[str, ...]
    group: int = 0

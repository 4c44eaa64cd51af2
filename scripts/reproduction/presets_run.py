"""Runs a preset as its header says, over several seeds, into a folder of runs; the same again does what is left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.group import Group
from nnexp.comparison.load import trials
from nnexp.config.presets import Preset
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.folder import Folder

RUNS = "runs"  # the store, in the folder of it all


class NotMeasured(Exception):
    """Not all of a preset's jobs have ended well: one diverges, or its data can't be had."""


@dataclass(frozen=True)
class Measured:
    """What came of a preset: its runs side by side, or of a check what it printed and whether it was right.

    charts: the folder of those of its report.
    """

    comparison: Comparison | None = None
    runs: tuple[StoredRun, ...] = ()
    charts: str = ""
    output: str = ""
    right: bool = True

    @property
    def groups(self) -> Sequence[Group]:
        """Its settings, best first; none of a check."""
        return self.comparison.groups if self.comparison else ()


def measured(preset: Preset, folder: Path, seeds: int, overrides: tuple[str, ...]) -> Measured:
    """Run the preset, or what is left of it. overrides: settings that go before its own.

    Raises `NotMeasured` if it could not be run to its end.
    """
    if preset.command.startswith("nnexp "):
        words = [sys.executable, "-m", "nnexp.cli", *preset.command.split()[1:], *overrides]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        return Measured(output=done.stdout + done.stderr, right=done.returncode == 0)
    name = f"reproduce-{preset.name}"
    has_seeds = preset.searches or any(axis.startswith("seed=") for axis in preset.axes)
    axes = [] if has_seeds else [f"seed=range({seeds})"]
    words = [
        "-m",
        f"experiments={preset.name}",
        *axes,
        f"sweep.name={name}",
        "tracking=folder",
        f"tracking.path={RUNS}",
    ]
    code = subprocess.run([sys.executable, "-m", "nnexp.run", *words, *overrides], cwd=folder, check=False).returncode
    if code:
        raise NotMeasured(f"its command ended with exit code {code}")
    store = Folder(path=str(folder / RUNS)).open(make=False)
    runs = store.members(f"{name}-confirmed") or store.members(name)  # of a search: what fresh seeds say
    charts = store.sweep_summary(name).place_of("figures")
    return Measured(compare(preset.name, trials(store, runs)), tuple(runs), charts)

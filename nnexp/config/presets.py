"""The presets in experiments/: what the header of each says, and which settings it changes.

A header is the comment that a preset begins with: what it shows in a line, its command, what is to be expected, and
what to look at. Some of its lines have a fixed form: `Expected:`, and `Picture:`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from nnexp.config.naming import as_typed
from nnexp.config.schema import EXPERIMENTS
from nnexp.errors import UsageError

EXPECTED = "Expected: "
PICTURE = "Picture: "
NOT_MEASURED = "not measured yet"
COMMAND = re.compile(r" {4}(python -m nnexp\.run|nnexp) ")
MEASURED = re.compile(
    r"(?:(?P<setting>\S.*): )?(?P<mean>[\d.]+)(?: ± (?P<sd>[\d.]+))? % on test(?:, (?P<seeds>\d+) seeds?)?"
)


@dataclass(frozen=True)
class Expected:
    """What a header's line says: the test accuracy (0 to 1) in the epoch that validation chooses, over seeds.

    setting: of a sweep, the one that is best; empty for a single setting. sd: over the seeds; None for one seed.
    """

    setting: str
    mean: float
    sd: float | None
    seeds: int


@dataclass(frozen=True)
class Preset:
    """A preset. name: as in `experiments=name`. header: its lines without the marks of a comment."""

    name: str
    header: tuple[str, ...]
    settings: dict[str, Any]

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return self.header[0]

    @property
    def command(self) -> str:
        """The first command of its header."""
        return next((line.strip() for line in self.header if COMMAND.match(line)), "")

    @property
    def expected_line(self) -> str:
        """What the header expects, as it is written there."""
        return self._line(EXPECTED)

    @property
    def expected(self) -> Expected | None:
        """What the header expects, if that is an accuracy that was measured."""
        if not (found := MEASURED.match(self.expected_line)):
            return None
        sd = None if found["sd"] is None else float(found["sd"]) / 100
        return Expected(found["setting"] or "", float(found["mean"]) / 100, sd, int(found["seeds"] or 1))

    @property
    def picture(self) -> str:
        """What shows best what there is to see; empty: the effect of the settings, side by side.

        `figures/costs.png` is a file of the best run's own, `figures/costs.png of eta=1` that of the best run with
        this setting, `learning_curves` a chart of all runs.
        """
        return self._line(PICTURE)

    @property
    def text(self) -> list[str]:
        """What there is to look at, and to learn: the last paragraph."""
        blank = max((at for at, line in enumerate(self.header) if not line), default=0)
        return list(self.header[blank + 1 :])

    @property
    def axes(self) -> list[str]:
        """What a sweep goes over, as typed; none for a preset of a single run."""
        hydra = self.settings.get("hydra") or {}
        return [f"{name}={values}" for name, values in ((hydra.get("sweeper") or {}).get("params") or {}).items()]

    @property
    def searches(self) -> bool:
        """Whether it is a search."""
        return any(change.startswith("search=") for change in self.changes)

    @property
    def changes(self) -> list[str]:
        """The settings that it changes, as typed."""
        chosen = [
            f"{name.removeprefix('override ').lstrip('/')}={kind}"
            for each in self.settings.get("defaults", [])
            if isinstance(each, dict)
            for name, kind in each.items()
        ]
        values = _flat({name: each for name, each in self.settings.items() if name not in ("defaults", "hydra")})
        return [*chosen, *as_typed(values)]

    def _line(self, begins: str) -> str:
        return next((line.removeprefix(begins) for line in self.header if line.startswith(begins)), "")


def presets() -> list[Preset]:
    """All that there are, by name."""
    return sorted(map(_read, EXPERIMENTS.glob("*.yaml")), key=lambda preset: preset.name)


def preset_called(name: str) -> Preset:
    """The preset of that name; `UsageError` naming what there is if there is none."""
    found = {preset.name: preset for preset in presets()}
    if name not in found:
        close = difflib.get_close_matches(name, found, n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"preset: got {name!r}, expected one of {', '.join(found)}{meant}")
    return found[name]


def _read(file: Path) -> Preset:
    lines = file.read_text().splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    settings: Any = OmegaConf.to_container(OmegaConf.load(file))
    return Preset(file.stem, tuple(line[1:].removeprefix(" ") for line in lines[:end]), settings)


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings by the names that they have on the command line."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found

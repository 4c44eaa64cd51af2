"""The colours of a sweep's settings, the same for each of a setting's seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# The "bright" scheme of Paul Tol, told apart by colour-blind people, on white and on black.
# https://personal.sron.nl/~pault/
PALETTE = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB")
COLOR = "mlflow.runColor"  # a tag: the colour of a run's curve in MLflow's UI

# MLflow's UI colours a group of runs by a hash of its name, out of a palette of its own: which of that are like ours.
OF_GROUPS = 29
LIKE_OURS = (26, 23, 18, 8, 28, 2, 12)
MOST_SPACES = 1000


def color(group: int) -> str:
    """The colour of the runs of one setting; they begin again when there are more settings than colours."""
    return PALETTE[group % len(PALETTE)]


def in_color(tag: str, setting: str, group: int) -> str:
    """The setting, as the value of a tag by which MLflow's UI groups runs, for their mean to have their colour.

    It ends in as many spaces as that takes, which no page shows.
    """
    wanted = LIKE_OURS[group % len(PALETTE)]
    names = (setting + " " * spaces for spaces in range(MOST_SPACES))
    return next((name for name in names if _hash(f"tag.{tag}.{name}") % OF_GROUPS == wanted), setting)


def _hash(name: str) -> int:
    """What MLflow 3.17's UI makes of the name of a group."""
    low = high = 0
    for character in name:
        low = (low + ord(character)) % 255
        high = (high + low) % 255
    return low | high << 8


def groups_of(varying: Sequence[Mapping[str, Any]], colors: Sequence[str | None]) -> list[int]:
    """Which of a sweep's settings, seeds apart, each job has, by the number of its colour.

    colors: of the run that a job has already, which a setting keeps, whatever sweep it comes into; others get those
    that are left.
    """
    settings = [repr([value for name, value in each.items() if name != "seed"]) for each in varying]
    groups: dict[str, int] = {}
    for setting, known in zip(settings, colors, strict=True):
        if known in PALETTE:
            groups.setdefault(setting, PALETTE.index(known))
    for setting in dict.fromkeys(settings):
        if setting not in groups:
            left = [number for number in range(len(PALETTE)) if number not in groups.values()]
            groups[setting] = left[0] if left else len(groups)
    return [groups[setting] for setting in settings]

"""How a search's values and settings are written where people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnexp.formats import percent, value_text
from nnexp.study.objectives import VALIDATION

DIGITS = 4  # of a setting that was drawn from an interval; table.csv has all
SHORT = {VALIDATION: "validation", "train_seconds": "training"}
UNITS = {VALIDATION: "validation accuracy (%)", "train_seconds": "training (s)"}


def value_of(objective: str, value: float) -> str:
    """A value of an objective: `97.91 %`, `12.3 s`, `23,860`."""
    if objective == VALIDATION:
        return percent(value)
    if objective == "train_seconds":
        return f"{value:,.1f} s"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def named(objective: str, value: float) -> str:
    """The same with what it is of: `validation 97.91 %`."""
    return f"{SHORT.get(objective, objective)} {value_of(objective, value)}"


def drawn(objective: str, value: float) -> float:
    """A value as a chart shows it: accuracy in percent."""
    return 100 * value if objective == VALIDATION else value


def words(objective: str) -> str:
    """What an objective is called in a sentence."""
    return objective.replace("_", " ")


def all_words(objectives: Sequence[str]) -> str:
    """`a, b and c`."""
    *before, last = map(words, objectives)
    return f"{', '.join(before)} and {last}" if before else last


def axis_name(objective: str) -> str:
    """What a chart's axis of it is called."""
    return UNITS.get(objective, objective)


def setting_text(value: Any) -> str:
    """A setting's value, in four digits."""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else value_text(value)


def settings_text(settings: Mapping[str, Any]) -> str:
    """`784-30-10 eta=1.3`: what was chosen, as runs are called."""
    return " ".join(_word(name, value) for name, value in settings.items()) or "nothing chosen"


def rounded(value: Any) -> bool:
    """Whether it is another number as it is shown."""
    return isinstance(value, float) and float(setting_text(value)) != value


def _word(name: str, value: Any) -> str:
    return setting_text(value) if name == "sizes" else f"{name}={setting_text(value)}"

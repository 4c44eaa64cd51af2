"""A configuration in words: what a run is called, and the command that makes it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from nnexp.component import defaults_of
from nnexp.config.schema import GROUPS, Config, defaults, flat
from nnexp.formats import number
from nnexp.identity import counts
from nnexp.tracking.stores.folder import Folder

ALWAYS_NAMED = ("sizes", "eta", "seed")
NOT_STRINGS = ("null", "true", "false", "nan", "inf")  # in Hydra's grammar, unless they are quoted


def name_of(config: Config, over: Sequence[str] = ()) -> str:
    """What a run is called: `784-30-10 eta=3 seed=0` and so on; in a sweep over some settings `eta=3 784-100-10`."""
    settings = flat(config)
    return " ".join(word(name, settings) for name in over if name in settings) or run_name(settings)


def setting_name(settings: dict[str, Any], over: Sequence[str]) -> str:
    """Which of a sweep's settings a run has, seeds apart: `eta=3 cost=quadratic`; empty if only seeds vary."""
    return " ".join(word(name, settings) for name in over if name in settings and name != "seed")


def shared_name(config: Config, over: Sequence[str]) -> str:
    """What all runs of a sweep over these settings are: `784-30-10`, and whatever else is not what it is by default."""
    settings = flat(config)
    return " ".join(word(name, settings) for name in _named(settings) if name not in (*over, "seed"))


def run_name(settings: dict[str, Any]) -> str:
    """`784-100-10 eta=3 seed=0`, and whatever else is not what it is by default."""
    return " ".join(word(name, settings) for name in _named(settings))


def _named(settings: dict[str, Any]) -> list[str]:
    """The settings that a run's name has: those that are always in it, and whatever is not what it is by default."""
    usual = defaults() | _usual_of_parts(settings)
    named = [name for name in usual if counts(name) and name not in ALWAYS_NAMED]
    return [*ALWAYS_NAMED, *(name for name in named if settings[name] != usual[name])]


def _usual_of_parts(settings: dict[str, Any]) -> dict[str, Any]:
    """The defaults of the settings that the chosen parts have."""
    parts = {group: base.kinds()[settings[group]] for group, base in GROUPS.items()}
    return {f"{group}.{name}": value for group, part in parts.items() for name, value in defaults_of(part).items()}


def word(name: str, settings: dict[str, Any]) -> str:
    """A setting in a run's name: `eta=3`; the layers speak for themselves, `784-30-10`."""
    value = settings[name]
    return "-".join(map(str, value)) if name == "sizes" else f"{name}={_short(value)}"


def command(settings: dict[str, Any]) -> str:
    """The command that makes the run again, whatever the defaults will be by then.

    In a folder of runs it is found again there; MLflow is told by its own environment, and left out.
    """
    return shlex.join(["python", "-m", "nnexp.run", *settings_as_typed(settings)])


def on_lines(words: Sequence[str], width: int = 80) -> str:
    """Words of a command as markdown shows them, indented, on lines of about that many characters."""
    lines = [""]
    for word in map(shlex.quote, words):
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f"{word} "
    return " \\\n".join(f"    {line.rstrip()}" for line in lines)


def settings_as_typed(settings: dict[str, Any]) -> list[str]:
    """What makes a run what it is, where its data is, and the folder of runs if one keeps it, as typed."""
    placed = ("data.", "tracking") if settings.get("tracking") == Folder.kind else ("data.",)
    said = {name: value for name, value in settings.items() if value is not None}  # None is what they are unless said
    return as_typed({name: value for name, value in said.items() if counts(name) or name.startswith(placed)})


def as_typed(settings: dict[str, Any]) -> list[str]:
    """Settings as words of the command line, in Hydra's grammar."""
    return [f"{name}={typed(value)}" for name, value in settings.items()]


def _short(value: Any) -> str:
    if isinstance(value, float):
        return number(value)
    return typed(value) if value is None or isinstance(value, list) else str(value)


def typed(value: Any) -> str:
    """A value in Hydra's grammar."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "[" + ",".join(map(typed, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{typed(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and (not (value.isascii() and value.isidentifier()) or value.lower() in NOT_STRINGS):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)

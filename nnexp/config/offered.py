"""What can be typed as a setting, and as its value: for shells that complete. Hydra is not imported for it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from nnexp.component import Setting, declared
from nnexp.config.schema import DECLARED, EXPERIMENTS, GROUPS, Config
from nnexp.config.sweep_settings import Sweep
from nnexp.train.monitors.base import Monitor

PRESET = "experiments"
SWITCH = {"true": "", "false": ""}


def names(beginning: str) -> dict[str, str]:
    """The settings whose names begin so, each with what it means; those of a part once its name and a dot are typed."""
    group, dot, _ = beginning.partition(".")
    if dot and group in GROUPS:
        every = {f"{group}.{name}": said.help for name, (said, _) in _of_group(group).items()}
    else:
        every = {name: said.help for name, said in DECLARED.items()} | {PRESET: "a preset"}
        every |= {f"sweep.{name}": said.help for name, said in declared(Sweep).items()}
    return {name: text for name, text in every.items() if name.startswith(beginning)}


def values(name: str) -> dict[str, str]:
    """What the setting may be, each with what it means; nothing where there is too much to list."""
    group, _, of_part = name.partition(".")
    if name == PRESET:
        return preset_titles()
    if name in GROUPS:
        return {kind: part.help() for kind, part in GROUPS[name].kinds().items()}
    if name == "monitor":
        return {f"[{kind}]": part.help() for kind, part in Monitor.kinds().items()}
    known = _of_group(group) if group in GROUPS else _settings_of(Sweep if group == "sweep" else Config)
    said, kind = known.get(of_part or name, (Setting(), ""))
    if kind in (bool, "bool"):
        return SWITCH
    return dict.fromkeys(said.rule.choices, "") if said.rule else {}


def preset_titles() -> dict[str, str]:
    """Every preset of ours, with the first line of its file."""
    files = sorted(EXPERIMENTS.glob("*.yaml"), key=lambda file: file.stem)
    return {file.stem: file.read_text().splitlines()[0].lstrip("# ") for file in files}


def _of_group(group: str) -> dict[str, tuple[Setting, Any]]:
    """The settings of all parts of a group, by name, each with its type."""
    return {name: each for part in GROUPS[group].kinds().values() for name, each in _settings_of(part).items()}


def _settings_of(settings: type[Any]) -> dict[str, tuple[Setting, Any]]:
    types = {each.name: each.type for each in fields(settings)}
    return {name: (said, types[name]) for name, said in declared(settings).items()}

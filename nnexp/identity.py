"""What makes a run the run that it is: its key, over everything that can change its numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from nnexp.component import NO_VALUE, Setting, declared, groups_of, later_settings
from nnexp.nn.arithmetic import ARITHMETIC
from nnexp.nn.engines.base import Engine
from nnexp.settings import Settings

DECLARED = declared(Settings)
GROUPS = groups_of(Settings)
OF_EARLIER_RUNS = later_settings(Settings)


def counts(name: str) -> bool:
    """Whether a setting can change a run's numbers, or which there are. name: as on the command line.

    A part's setting does if it does for one of the kinds that have it, or if none has it: another package's may.
    """
    group, _, below = name.partition(".")
    if name in DECLARED or group not in GROUPS:
        return name in DECLARED
    kinds = [declared(kind) for kind in GROUPS[group].kinds().values()]
    said = [each[below].counts for each in kinds if below in each]
    return any(said) or not said


def of_earlier_runs(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What came after an earlier run, as it had it: settings, and those of its parts. settings: what it has said."""
    chosen = {group: settings.get(group, OF_EARLIER_RUNS.get(group)) for group in GROUPS}
    parts = (_later(group, kind) for group, kind in chosen.items() if isinstance(kind, str))
    return OF_EARLIER_RUNS | {name: value for later in parts for name, value in later.items()}


@cache
def _later(group: str, kind: str) -> dict[str, Any]:
    """The settings of a part that came after it, as a part without them was."""
    part = GROUPS[group].kinds().get(kind)
    return {f"{group}.{name}": since for name, since in later_settings(part).items()} if part else {}


def run_key(settings: dict[str, Any], data_sha256: str) -> str:
    """SHA-256, hexadecimal, over the settings that count, the data's SHA-256 and the version of the arithmetic.

    settings: by name, as on the command line. One that has the value that it had for runs before there was such a
    setting is left out: keys of earlier runs still hold.
    """
    said = {name: _declaration(name, settings) for name in settings}
    counted = {
        name: sorted(settings[name]) if each.any_order else settings[name]
        for name, each in said.items()
        if each.counts and (each.since is NO_VALUE or each.since != settings[name])
    }
    identity = {"settings": counted, "data": data_sha256, "arithmetic": ARITHMETIC}
    engine = Engine.kinds().get(settings.get("engine", ""))
    if engine and engine.arithmetic != 1:
        identity["engine"] = engine.arithmetic
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _declaration(name: str, settings: dict[str, Any]) -> Setting:
    """What is declared of a setting; of a part's by the part that is chosen."""
    group, _, below = name.partition(".")
    if name in DECLARED or group not in GROUPS:
        return DECLARED.get(name, Setting(counts=False))
    kind = GROUPS[group].kinds().get(settings[group])
    return declared(kind).get(below, Setting()) if kind else Setting()

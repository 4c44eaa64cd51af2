"""A configuration as JSON values, and back: exactly, and a hundred times as fast as by way of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nnexp.config.conversion import checked
from nnexp.config.schema import GROUPS, Config
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError


def to_values(config: Config) -> dict[str, Any]:
    """Every setting, nested as in its YAML."""
    return asdict(config)


def from_values(values: Mapping[str, Any]) -> Config:
    """The configuration that these values were made from; raises `ConfigError` for what is missing or strange."""
    try:
        parts: dict[str, Any] = {}
        for group, base in GROUPS.items():
            settings = dict(values[group])
            parts[group] = base.restored(settings.pop("kind"), settings)
        return checked(Config(**{**values, **parts, "sweep": Sweep(**values["sweep"])}))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError([f"a job's settings: {error}"]) from error

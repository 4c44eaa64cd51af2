"""Between OmegaConf's configurations, or the YAML that a run has left, and our own objects."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf._utils import OmegaConfDumper
from omegaconf.errors import OmegaConfBaseException

from nnexp.component import NO_VALUE, Component, Setting, declared
from nnexp.config.checks import problems_in
from nnexp.config.schema import GROUPS, Config, defaults, defaults_alone
from nnexp.errors import ConfigError

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # where PyYAML was built with it, ten times as fast
OF_THE_SWEEP = (
    "launch",
    "search",
    "sweep",
)  # no part of the run itself; a saved one may have settings that there are no more


def config_from(composed: DictConfig) -> Config:
    """The composed configuration as objects; raises `ConfigError` with all of its problems."""
    missing = [each.name for each in fields(Config) if each.name not in composed]  # deleted by ~name
    if missing:
        raise ConfigError([f"{name}: got nothing, expected a value" for name in missing])
    try:
        settled = copy.deepcopy(composed)
        OmegaConf.resolve(settled)  # what an interpolation leads to has to be of the setting's type, too
        config = OmegaConf.to_object(settled)
    except OmegaConfBaseException as error:  # an interpolation that leads nowhere, for instance
        name = error.full_key or next(_interpolated(composed), "configuration")
        raise ConfigError([f"{name}: {str(error).splitlines()[0].rstrip('.')}"]) from error
    assert isinstance(config, Config)  # noqa: S101  # what the schema in conf/config.yaml makes it
    return checked(config)


def checked(config: Config) -> Config:
    """The same, if it makes sense; raises `ConfigError` with all of its problems."""
    if problems := problems_in(config):
        raise ConfigError(problems)
    return config


def _interpolated(composed: DictConfig) -> Iterator[str]:
    """The names of settings whose values are elsewhere, `${eta}`."""
    for name in map(str, composed):
        if OmegaConf.is_interpolation(composed, name):
            yield name
        elif not OmegaConf.is_missing(composed, name) and isinstance(composed[name], DictConfig):
            yield from (f"{name}.{below}" for below in _interpolated(composed[name]))


class _SettingsDumper(_Dumper):  # type: ignore[misc]  # which of two it is made from, is known when it runs
    """Writes what `OmegaConf.to_yaml` does."""


_SettingsDumper.add_representer(str, OmegaConfDumper.str_representer)  # quotes what it would read as a number


def to_yaml(config: Config) -> str:
    """What a run writes as its config.yaml."""
    return str(yaml.dump(asdict(config), Dumper=_SettingsDumper, sort_keys=False, allow_unicode=True))


def config_from_yaml(text: str) -> Config:
    """The configuration that a run has left as config.yaml, whatever conf/ says today.

    A saved YAML has no types: `kind` says which class a part is of. A setting that there was not yet has the value that
    leaves the run what it was. Raises `ConfigError` with what is missing, strange, or not what it may be.
    """
    try:
        saved = OmegaConf.to_container(OmegaConf.create(text))
        if not isinstance(saved, dict):
            raise ConfigError(["got a list, expected settings"])
        run = _complete({str(name): value for name, value in saved.items() if name not in OF_THE_SWEEP}, Config)
        parts = {group: _part(group, run.get(group)) for group in GROUPS if group not in OF_THE_SWEEP}
        parts |= {group: _part(group, defaults()[group]) for group in GROUPS if group in OF_THE_SWEEP}
        composed = OmegaConf.merge(OmegaConf.structured(Config), defaults_alone(), run | parts)
    except (OmegaConfBaseException, yaml.YAMLError) as error:
        name = getattr(error, "full_key", None)
        raise ConfigError([f"{name}: {str(error).splitlines()[0]}" if name else str(error).splitlines()[0]]) from error
    assert isinstance(composed, DictConfig)  # noqa: S101  # merged from dictionaries
    return config_from(composed)


def _part(group: str, saved: Any) -> Any:
    """A saved part with its types."""
    settings = {"kind": saved} if isinstance(saved, str) else saved  # a text is its `since`
    if not isinstance(settings, dict):
        raise ConfigError([f"{group}: got {saved!r}, expected a choice with its settings"])
    kinds, kind = GROUPS[group].kinds(), settings.get("kind")
    if kind not in kinds:
        raise ConfigError([f"{group}: got {kind!r}, expected one of {', '.join(sorted(kinds))}"])
    return OmegaConf.merge(OmegaConf.structured(kinds[kind]), _complete(settings, kinds[kind], f"{group}."))


def _complete(saved: dict[str, Any], of: type[Config | Component], prefix: str = "") -> dict[str, Any]:
    """Saved settings and those that came later; raises `ConfigError` naming what else is missing, and what is strange.

    What does not count may be missing: it then is what it is by default.
    """
    said = {each.name: declared(of).get(each.name, Setting()) for each in fields(of) if each.name not in OF_THE_SWEEP}
    later = {name: each.since for name, each in said.items() if each.since is not NO_VALUE}
    missing = [name for name, each in said.items() if each.counts and name not in {**later, **saved}]
    problems = [f"{prefix}{name}: got nothing, expected a value" for name in missing]
    problems += [f"{prefix}{name}: no such setting" for name in saved if name not in said]
    if problems:
        raise ConfigError(problems)
    return later | saved

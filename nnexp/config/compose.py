"""Configurations from words of the command line, or of an earlier run, beside Hydra's own front door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from nnexp.config.composer import Composer
from nnexp.config.conversion import config_from_yaml
from nnexp.config.errors import problems_of_run
from nnexp.config.naming import as_typed
from nnexp.config.schema import CONF, Config, flat, is_plain, register
from nnexp.config.several import has_several, with_those_of
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError, UsageError
from nnexp.identity import counts

if TYPE_CHECKING:
    from nnexp.tracking.run_store import StoredRun


def config_of(words: Sequence[str]) -> Config:
    """The configuration that these words give; raises `ConfigError` with all that is wrong with them."""
    register(words)
    try:
        return _composer().config(words)
    except Exception as error:  # Hydra lets Python's own pass: of a number that is too long, or a file's name
        problems = problems_of_run(words)
        if not problems:
            raise
        raise ConfigError(problems) from error


@cache
def _composer() -> Composer:
    """Of this process, which may ask for many that are alike."""
    return Composer(_by_hydra, is_plain)


def _by_hydra(words: Sequence[str]) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", list(words))


@contextmanager
def several(words: Sequence[str]) -> Iterator[tuple[list[str], Sweep, OverridesParser, Composer]]:
    """What a sweep of these words, or a search, is planned from, as long as Hydra is set up for it: while it lasts.

    The words with a preset's own, its settings as a sweep, and what reads and what composes words of its jobs.
    """
    register(words)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        whole: Any = compose("config", [word for word in words if not has_several(word)], return_hydra_config=True)
        settings: Any = OmegaConf.to_object(whole.sweep)
        parser = OverridesParser.create(GlobalHydra.instance().config_loader())
        made = Composer(lambda overrides: compose("config", list(overrides)), is_plain)
        yield with_those_of(whole.hydra.sweeper.params or {}, words), settings, parser, made


def config_of_run(run: StoredRun) -> Config:
    """The configuration that a run was made with; `UsageError` if what it has kept of it can't be read."""
    with run.artifact("config.yaml") as file:
        try:
            return config_from_yaml(file.read_text())
        except (ConfigError, UnicodeDecodeError) as error:
            raise UsageError(f"run {run.id}: its config.yaml is not one that a run has left: {error}") from error


def changed(config: Config, overrides: Sequence[str]) -> list[str]:
    """Words for the configuration with overrides: every setting spelled out, so that conf/ has no say in it.

    It is a run of its own, whatever sweep it was made in. A choice that is overridden takes its settings along: those
    of the old one would not fit the new one.
    """
    replaced = {word.partition("=")[0].lstrip("+~") for word in overrides}
    kept = {
        name: value
        for name, value in flat(config).items()
        if replaced.isdisjoint({name, name.partition(".")[0]}) and not name.startswith(("launch", "search", "sweep."))
    }
    return [*as_typed(kept), *overrides]


def is_same_run(config: Config, overrides: Sequence[str]) -> bool:
    """Whether the configuration with overrides gives the same numbers: the same run, if the data is the same."""
    was, now = flat(config), flat(config_of(changed(config, overrides)))
    return all(was.get(name) == now.get(name) for name in {**was, **now} if counts(name))

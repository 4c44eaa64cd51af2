"""Configurations from words of the command line; Hydra takes a quarter of a second for one, so each is made once."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from nnexp.config.composer import Composer
from nnexp.config.conversion import config_from
from nnexp.config.schema import CONF, Config, is_plain, register


def config(*overrides: str) -> Config:
    made = composer()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return config_from(made(overrides))


@cache
def composer() -> Composer:
    """What `test_composing.py` shows to give what Hydra does."""
    register()
    return Composer(lambda words: composed("config", words), is_plain)


def composed(name: str, overrides: Sequence[str]) -> DictConfig:
    """What Hydra's `compose` gives, or gave before where it was asked for the same."""
    return copy.deepcopy(_composed(name, tuple(overrides)))


@cache
def _composed(name: str, overrides: tuple[str, ...]) -> DictConfig:
    return compose(name, list(overrides))

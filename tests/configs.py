"""A configuration from words of the command line."""

from __future__ import annotations

from hydra import compose, initialize_config_dir

from nnexp.config.conversion import config_from
from nnexp.config.schema import CONF, Config, register


def config(*overrides: str) -> Config:
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return config_from(compose("config", list(overrides)))

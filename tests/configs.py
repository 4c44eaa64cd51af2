"""A configuration from words of the command line."""

from __future__ import annotations

from hydra import compose, initialize_config_dir

from nnexp.config.schema import CONF, Config, config_from


def config(*overrides: str) -> Config:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return config_from(compose("config", list(overrides)))

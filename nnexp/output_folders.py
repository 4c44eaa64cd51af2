"""Refusing folders for results that hold somebody else's files, before Hydra writes anything into them."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from nnexp.errors import ConfigError
from nnexp.job import leave
from nnexp.runtime.files import is_free, marked

EXPECTED = "expected a folder that is new, empty, or made by nnexp"


class OutputFolders(Callback):
    """What Hydra calls first: it then makes the folders that `hydra.run.dir` and `hydra.sweep.dir` name.

    It leaves by `sys.exit`, for Hydra takes any other error of a callback for a warning.
    """

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        HydraConfig.instance().set_config(config)  # as Hydra is about to do: folders may be named by settings
        _refuse([problem("hydra.run.dir", str(config.hydra.run.dir))])

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        HydraConfig.instance().set_config(config)
        subdir = OmegaConf.to_container(config.hydra.sweep, resolve=False)["subdir"]  # type: ignore[index, call-overload]
        _refuse([problem("hydra.sweep.dir", str(config.hydra.sweep.dir)), leads_out(str(subdir))])


def problem(setting: str, folder: str) -> str:
    """Why results can't go into this folder; empty if they can."""
    path = Path(folder).resolve()
    if path.parent == path:
        return f"{setting}: got {folder!r}, which is the root, {EXPECTED}"
    if not path.is_dir() or is_free(path) or marked(path):
        return ""
    return f"{setting}: got {folder!r}, which holds files that nnexp has not made ({path}), {EXPECTED}"


def leads_out(subdir: str) -> str:
    """Why a sweep's jobs can't have folders of this name; empty if they can."""
    if PurePath(subdir).is_absolute() or ".." in PurePath(subdir).parts:
        return f"hydra.sweep.subdir: got {subdir!r}, expected a folder below hydra.sweep.dir"
    return ""


def _refuse(problems: list[str]) -> None:
    found = [each for each in problems if each]
    if found:
        leave(ConfigError(found))

"""Refusing folders for results that hold somebody else's files, before Hydra writes anything into them."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from nnexp.errors import ConfigError
from nnexp.launch.launchers.base import Launcher
from nnexp.runner.hydra_task import leave
from nnexp.runtime.owned_files import SWEEP, is_free, marked

EXPECTED = "expected a folder that is new, empty, or made by nnexp"


class OutputFolders(Callback):
    """What Hydra calls first: it then makes the folders that `hydra.run.dir` and `hydra.sweep.dir` name.

    It leaves by `sys.exit`, for Hydra takes any other error of a callback for a warning.
    """

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        HydraConfig.instance().set_config(config)  # as Hydra is about to do: folders may be named by settings
        folder = str(config.hydra.run.dir)
        _refuse([problem("hydra.run.dir", folder, of_a_sweep=False), leads_away(config.hydra.output_subdir)])

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        HydraConfig.instance().set_config(config)
        subdir = OmegaConf.to_container(config.hydra.sweep, resolve=False)["subdir"]  # type: ignore[index, call-overload]
        sweep_dir = str(config.hydra.sweep.dir)
        folder = problem("hydra.sweep.dir", sweep_dir, of_a_sweep=True)
        elsewhere = leads_elsewhere(sweep_dir, str(config.launch.kind))
        _refuse([folder, elsewhere, leads_out(str(subdir)), leads_away(config.hydra.output_subdir)])


def problem(setting: str, folder: str, of_a_sweep: bool) -> str:
    """Why results can't go into this folder; empty if they can. of_a_sweep: they are a sweep's, not a run's."""
    path = Path(folder).resolve()
    if not folder:
        return f"{setting}: got nothing, {EXPECTED}"
    if path.parent == path:
        return f"{setting}: got {folder!r}, which is the root, {EXPECTED}"
    if not path.is_dir() or is_free(path):
        return ""
    if mark := marked(path):
        other = "run" if of_a_sweep else "sweep"
        return "" if (mark == SWEEP) is of_a_sweep else f"{setting}: got {folder!r}, which holds files of a {other}"
    return f"{setting}: got {folder!r}, which holds files that nnexp has not made ({path}), {EXPECTED}"


def leads_elsewhere(sweep_dir: str, launcher: str) -> str:
    """Why workers of that launcher's can't write into the folder of a sweep; empty if they can."""
    kinds = Launcher.kinds()
    if not sweep_dir or launcher not in kinds or not kinds[launcher].elsewhere:
        return ""
    from nnexp.runner.job_text import is_below_here  # slow to import

    if is_below_here(Path(sweep_dir) / "0"):
        return ""
    return f"hydra.sweep.dir: got {sweep_dir!r} with launch={launcher}, expected a folder below {Path.cwd()}"


def leads_out(subdir: str) -> str:
    """Why a sweep's jobs can't have folders of this name; empty if they can."""
    if PurePath(subdir).is_absolute() or ".." in PurePath(subdir).parts:
        return f"hydra.sweep.subdir: got {subdir!r}, expected a folder below hydra.sweep.dir"
    return ""


def leads_away(subdir: str | None) -> str:
    """Why Hydra can't have a folder of this name for its files in that of a run; empty if it can."""
    if subdir is None or (subdir not in ("", ".", "..") and PurePath(subdir).name == subdir):
        return ""
    return f"hydra.output_subdir: got {subdir!r}, expected the name of a folder in that of the run, or null"


def _refuse(problems: list[str]) -> None:
    found = [each for each in problems if each]
    if found:
        leave(ConfigError(found))

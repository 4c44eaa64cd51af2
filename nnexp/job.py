"""What Hydra calls for each job: one run, and what is told of it."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from nnexp.config import config_from
from nnexp.data.last_loaded import LastLoaded
from nnexp.errors import ConfigError, JobFailed, NnexpError, in_a_line, of_the_disk
from nnexp.search.settings import Sweep

if TYPE_CHECKING:
    from nnexp.one_run import Summary

TRACEBACKS = os.environ.get("HYDRA_FULL_ERROR") == "1"  # asked for also where words would do
LAST_LOADED = LastLoaded()  # the jobs of a sweep mostly share their data
LIBRARIES = ("site-packages", "dist-packages", "importlib", "runpy")


def job(composed: DictConfig) -> Summary:
    """One run of what Hydra composed; a job of a sweep that fails raises `JobFailed`, which any launcher can carry."""
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    alone = hydra_config.mode is RunMode.RUN
    try:
        config = config_from(composed)
        if alone and config.sweep != Sweep():
            raise ConfigError(["sweep: these settings are for sweeps: python -m nnexp.run -m ..."])
        from nnexp.one_run import one_run  # slow imports wait until there is something to train

        result = one_run(config, folder) if alone else one_run(config, folder, LAST_LOADED)
        if not result.trained:
            shutil.rmtree(folder)  # all it could hold is the log of having looked the run up
            _forget_if_empty(folder.parent)
        return result.summary()
    except KeyboardInterrupt:
        _forget_if_empty(folder)
        raise
    except Exception as error:
        _forget_if_empty(folder)
        error = of_the_disk(error) or error
        if not alone:
            lines = error.lines if isinstance(error, NnexpError) else [in_a_line(error)]
            raise JobFailed(lines, _where(error)) from None
        if isinstance(error, NnexpError):
            leave(error)  # at once, for Hydra would print the error in its own way on top
        raise


def leave(error: NnexpError) -> NoReturn:
    """End the process with the error's message and exit code."""
    if TRACEBACKS:
        raise error
    print(error, file=sys.stderr)  # noqa: T201
    sys.exit(error.exit_code)


def _where(error: Exception) -> str:
    """The line of code that a bug is in: the innermost one that is not a library's. Nothing where words say it all."""
    if isinstance(error, NnexpError):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not any(library in frame.filename for library in LIBRARIES)]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"


def _forget_if_empty(folder: Path) -> None:
    """Remove the folder that Hydra made for a run that never was, and those above it up to outputs/."""
    outputs = Path(HydraConfig.get().runtime.cwd) / "outputs"
    with suppress(OSError):  # something is in it, or somebody else was faster
        for path in (folder, *folder.parents):
            if not path.is_relative_to(outputs):
                return
            path.rmdir()

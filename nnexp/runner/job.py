"""What Hydra calls for each job: one run, and what is told of it."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from nnexp.config.conversion import config_from
from nnexp.config.sweep_settings import Sweep
from nnexp.data.cache import LastLoaded
from nnexp.errors import ConfigError, JobFailed, NnexpError, in_a_line, of_the_disk
from nnexp.runtime.files import LOG, forget_empty

if TYPE_CHECKING:
    from nnexp.runner.result import Summary

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
        from nnexp.runner.one_run import one_run  # slow imports wait until there is something to train

        beside = (LOG, str(hydra_config.output_subdir))  # what Hydra may have written by now
        return one_run(config, folder, None if alone else LAST_LOADED, beside=beside).summary()
    except Exception as error:
        error = of_the_disk(error) or error
        if not alone:
            lines = error.lines if isinstance(error, NnexpError) else [in_a_line(error)]
            raise JobFailed(lines, _where(error)) from None
        if isinstance(error, NnexpError):
            leave(error)  # at once, for Hydra would print the error in its own way on top
        raise
    finally:
        forget_empty(folder, Path(hydra_config.runtime.cwd) / "outputs")  # which Hydra has made for a run that was none


def leave(error: NnexpError) -> NoReturn:
    """End the process with the error's message, its traceback where that is asked for, and its exit code."""
    if TRACEBACKS:
        traceback.print_exception(error)
    else:
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

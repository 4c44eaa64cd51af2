"""What Hydra calls: one run on its own, or of another sweeper than ours, and the objective that it is told."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from nnexp.config.conversion import config_from
from nnexp.config.several import first
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError, JobFailed, NnexpError, line_of_bug, lines_of, of_the_disk
from nnexp.runtime.loading import loading
from nnexp.runtime.owned_files import LOG, forget_empty
from nnexp.runtime.terminal import print_line
from nnexp.runtime.waiting import quiet

TRACEBACKS = os.environ.get("HYDRA_FULL_ERROR") == "1"  # asked for also where words would do


def task(composed: Any) -> float:
    """The best validation accuracy (0 to 1) of the run that Hydra composed, or looked up if it is finished already.

    One of a sweep that fails raises `JobFailed`, which any launcher of Hydra's can carry.
    """
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    try:
        if hydra_config.mode is RunMode.RUN:
            _refuse_a_sweep(hydra_config)
        config = config_from(composed)
        if config.sweep != Sweep():
            raise ConfigError(["sweep: these settings are for sweeps: python -m nnexp.run -m ..."])
        if hydra_config.mode is RunMode.RUN and config.launch.elsewhere:
            raise ConfigError([f"launch: {config.launch.kind} does the jobs of sweeps: python -m nnexp.run -m ..."])
        with loading("what trains"):
            from nnexp.runner.one_run import one_run  # slow imports wait until there is something to train

        beside = (LOG, str(hydra_config.output_subdir))  # what Hydra may have written by now
        with quiet():
            return one_run(config, folder, beside=beside).objective
    except Exception as error:
        error = of_the_disk(error) or error
        if hydra_config.mode is not RunMode.RUN:
            raise JobFailed([*lines_of(error), *filter(None, [line_of_bug(error)])]) from None
        if isinstance(error, NnexpError):
            leave(error)  # at once, for Hydra would print the error in its own way on top
        raise
    finally:
        forget_empty(folder, Path(hydra_config.runtime.cwd) / "outputs")  # which Hydra has made for a run that was none


def _refuse_a_sweep(hydra_config: Any) -> None:
    """Raise `ConfigError` for a search, or a preset that is a sweep, without -m; unless what it goes over is typed."""
    over = dict(hydra_config.sweeper.get("params") or {})
    typed = {word.partition("=")[0].lstrip("+~") for word in hydra_config.overrides.task}
    if "search" in typed:
        raise ConfigError(["search: is for sweeps: python -m nnexp.run -m search=... eta='interval(1,10)'"])
    if over and typed.isdisjoint(over):
        preset, name = hydra_config.runtime.choices.get("experiments"), next(iter(over))
        advice = f"add -m, or for one run of it choose, such as {first(f'{name}={over[name]}')}"
        raise ConfigError([f"experiments: {preset} is a sweep over {', '.join(over)}: {advice}"])


def leave(error: NnexpError) -> NoReturn:
    """End the process with the error's message, its traceback where that is asked for, and its exit code."""
    if TRACEBACKS:
        traceback.print_exception(error)
    else:
        print_line(str(error), sys.stderr)
    sys.exit(error.exit_code)

"""The front door: `python -m nnexp.run [settings]` and, for a sweep, `python -m nnexp.run -m [settings]`."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import CompactHydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from nnexp.config import CONF, config_from, register
from nnexp.errors import ConfigError, NnexpError, UsageError
from nnexp.train.interrupts import Interrupts

TRACEBACKS = os.environ.get("HYDRA_FULL_ERROR") == "1"  # asked for also where words would do

register()


@hydra.main(config_path=str(CONF), config_name="config", version_base="1.3")
def job(composed: DictConfig) -> float:
    """One run of what Hydra composed; gives the objective, which a sweeper can go by."""
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    try:
        config = config_from(composed)
        from nnexp.one_run import one_run  # slow imports wait until there is something to train

        result = one_run(config, folder)
        if not result.trained:
            shutil.rmtree(folder)  # all it could hold is the log of having looked the run up
            _forget_if_empty(folder.parent)
        return result.objective
    except KeyboardInterrupt:
        _forget_if_empty(folder)
        raise
    except NnexpError as error:
        _forget_if_empty(folder)
        if hydra_config.mode is RunMode.RUN:
            _leave(error)  # at once, for Hydra would print the error in its own way on top
        print(f"job {hydra_config.job.num}: {error}", file=sys.stderr)  # noqa: T201  # Hydra tells of the first alone
        raise  # a sweep goes on with its other jobs


def main() -> None:
    """Run `job`; say in words what is wrong, and leave tracebacks to bugs and to HYDRA_FULL_ERROR=1."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on instead of printing them
    logging.raiseExceptions = False  # who reads our output may stop, as `head` does, and the run goes on
    try:
        with Interrupts():
            job()
    except NnexpError as error:
        _leave(error)
    except CompactHydraException as error:
        from nnexp.mistakes import composing_failed

        _leave(composing_failed(error, sys.argv[1:]))
    except OSError as error:
        if TRACEBACKS or error.strerror is None:
            raise
        what = error.filename or "outputs"
        _leave(UsageError(f"{what}: {error.strerror}"))  # as a rule a folder that can't be written, or a full disk
    except (OmegaConfBaseException, YAMLError) as error:
        _leave(ConfigError([" ".join(str(error).split())]))
    except KeyboardInterrupt as interrupt:
        number = getattr(interrupt, "signal", signal.SIGINT)
        print(f"stopped by {signal.Signals(number).name}; the same command again goes on", file=sys.stderr)  # noqa: T201
        sys.exit(128 + number)


def _leave(error: NnexpError) -> NoReturn:
    """End the process with the error's message and exit code."""
    if TRACEBACKS:
        raise error
    print(error, file=sys.stderr)  # noqa: T201
    sys.exit(error.exit_code)


def _forget_if_empty(folder: Path) -> None:
    """Remove the folder that Hydra made for a run that never was, and those above it up to outputs/."""
    outputs = Path(HydraConfig.get().runtime.cwd) / "outputs"
    with suppress(OSError):  # something is in it, or somebody else was faster
        for path in (folder, *folder.parents):
            if not path.is_relative_to(outputs):
                return
            path.rmdir()


if __name__ == "__main__":
    main()

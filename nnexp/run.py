"""The front door: `python -m nnexp.run [settings]` and, for a sweep, `python -m nnexp.run -m [settings]`."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import CompactHydraException
from hydra.types import RunMode
from omegaconf import DictConfig

from nnexp.config import CONF, config_from, register
from nnexp.errors import NnexpError, UsageError

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
    except NnexpError as error:
        _forget_if_empty(folder)
        if hydra_config.mode is RunMode.RUN:
            _leave(error)  # at once, for Hydra would print the error in its own way on top
        raise  # a sweep goes on with its other jobs


def main() -> None:
    """Run `job`; say in words what is wrong, and leave tracebacks to bugs and to HYDRA_FULL_ERROR=1."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on instead of printing them
    logging.raiseExceptions = False  # who reads our output may stop, as `head` does, and the run goes on
    try:
        job()
    except NnexpError as error:
        _leave(error)
    except CompactHydraException as error:
        from nnexp.mistakes import composing_failed

        _leave(composing_failed(error, sys.argv[1:]))
    except OSError as error:
        if TRACEBACKS or error.filename is None:
            raise
        _leave(UsageError(f"{error.filename}: {error.strerror}"))  # a folder that can't be written, as a rule
    except KeyboardInterrupt as interrupt:
        number = getattr(interrupt, "signal", signal.SIGINT)
        print(f"stopped by {signal.Signals(number).name}", file=sys.stderr)  # noqa: T201
        sys.exit(128 + number)


def _leave(error: NnexpError) -> NoReturn:
    """End the process with the error's message and exit code."""
    if TRACEBACKS:
        raise error
    print(error, file=sys.stderr)  # noqa: T201
    sys.exit(error.exit_code)


def _forget_if_empty(folder: Path) -> None:
    """Remove the folder that Hydra made for a run that never was, and the empty ones above it."""
    for path in (folder, *folder.parents[:3]):
        if path == Path.cwd() or any(path.iterdir()):
            return
        path.rmdir()


if __name__ == "__main__":
    main()

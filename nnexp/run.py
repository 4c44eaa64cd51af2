"""The front door: `python -m nnexp.run [settings]` and, for a sweep, `python -m nnexp.run -m [settings]`."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from nnexp.errors import ConfigError, NnexpError, SweepLeft, UsageError, of_the_disk
from nnexp.runtime.signals import GOES_ON, Interrupts, sent_by
from nnexp.runtime.terminal import print_line
from nnexp.runtime.waiting import doing, quiet

STARTING = "starting"


def main() -> None:
    """Do a run, or a sweep of them; say in words what is wrong, tracebacks are for bugs and HYDRA_FULL_ERROR=1."""
    try:
        _do(sys.argv[1:])
    except KeyboardInterrupt as interrupt:
        number, outlook = getattr(interrupt, "signal", signal.SIGINT), getattr(interrupt, "outlook", GOES_ON)
        if not isinstance(interrupt.__cause__, SweepLeft):  # which has told how to go on
            again = "the same command with resume=auto" if "resume=never" in sys.argv else "the same command again"
            print_line(f"stopped by {sent_by(number)}; {outlook.format(again=again)}", sys.stderr)
        sys.exit(128 + number)


def _do(words: Sequence[str]) -> None:
    """Do what the words say; leave with an error's message and exit code."""
    try:
        with Interrupts(last=True), doing(STARTING):  # from the first import on
            _start(words)
    except NnexpError as error:
        _leave(error)
    except BrokenPipeError:  # who reads our output has enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # Hydra's and OmegaConf's, Python's own that they let pass, and bugs
        from nnexp.config.command_line import read
        from nnexp.config.errors import explained
        from nnexp.runner.hydra_task import TRACEBACKS

        if in_words := of_the_disk(error) or explained(error, read(words)):
            _leave(in_words)
        if TRACEBACKS or not isinstance(error, OSError) or error.strerror is None:
            raise
        what = error.filename or "outputs"
        _leave(UsageError(f"{what}: {error.strerror}"))  # as a rule a folder that can't be written


def _leave(error: NnexpError) -> NoReturn:
    from nnexp.runner.hydra_task import leave

    leave(error)


def _start(words: Sequence[str]) -> None:
    """Pass the command line on to Hydra, if it is one."""
    import hydra

    from nnexp.config.command_line import read
    from nnexp.config.schema import CONF, register
    from nnexp.runner.hydra_task import task

    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on instead of printing them
    logging.raiseExceptions = False  # who reads our output may stop, as `head` does, and the run goes on
    line = read(words)
    register(words)
    if line.problems or line.typed:
        from nnexp.config.errors import problems_of_line

        raise ConfigError(problems_of_line(line))
    if {"--help", "-h"} & set(line.options):  # Hydra's own way lists every group twice, in half a second
        from nnexp.config.help_page import page

        with quiet():
            print(page())  # noqa: T201
        return
    sys.argv[1:] = line.words
    hydra.main(config_path=str(CONF), config_name="config", version_base="1.3")(task)()


if __name__ == "__main__":
    main()

"""The group of the `nnexp` commands: each is imported when it is asked for, and its errors are messages."""

from __future__ import annotations

import difflib
import logging
import signal
import sys
from contextlib import nullcontext
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click

from nnexp.cli.output import say
from nnexp.errors import NnexpError, of_the_disk
from nnexp.printable import LogFormatter
from nnexp.runtime.terminal import LogPrinter
from nnexp.runtime.waiting import silenced

COMMANDS = (
    *("run", "check", "find-eta", "presets", "runs", "compare"),
    *("rerun", "verify", "predict", "serve", "ui", "clean"),
    *("sync", "export", "import", "doctor", "worker", "sweeps", "completion"),
)


class CommandGroup(click.Group):
    """Commands whose errors are messages with an exit code, not tracebacks: each the function named as its file."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        file = name.replace("-", "_") + "_" * iskeyword(name)
        command: click.Command = getattr(import_module(f"nnexp.cli.{file}"), file)
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and (close := difflib.get_close_matches(args[0], COMMANDS)):
            context.fail(f"No such command {args[0]!r}. Did you mean {' or '.join(close)}?")
        return super().resolve_command(context, args)

    def invoke(self, context: click.Context) -> Any:
        logging.lastResort = LogPrinter(sys.stderr)  # what shows warnings where logging is not set up
        logging.lastResort.setLevel(logging.WARNING)
        logging.lastResort.setFormatter(LogFormatter())
        try:
            with silenced() if "--json" in sys.argv else nullcontext():
                return super().invoke(context)
        except NnexpError as error:
            click.echo(error, err=True)
            sys.exit(error.exit_code)
        except click.MissingParameter as error:
            raise click.MissingParameter(_example(error), error.ctx, error.param) from None
        except KeyboardInterrupt:
            say("stopped by Ctrl-C", err=True)
            sys.exit(128 + signal.SIGINT)
        except Exception as error:
            from nnexp.tracking.mlflow.store import failure

            if (failed := of_the_disk(error) or failure(error)) is None:
                raise
            click.echo(failed, err=True)
            sys.exit(failed.exit_code)


def _example(error: click.MissingParameter) -> str:
    """The first example in the help of the command that lacks an argument; empty where click lists what there is."""
    if error.ctx is None or error.param is None or isinstance(error.param.type, click.Choice):
        return ""
    _, _, examples = (error.ctx.command.help or "").partition("Example:\n")
    return f"Example: {examples.splitlines()[0].strip()}" if examples else ""

"""`nnexp run` and `nnexp rerun`: train, by settings or by those of an earlier run."""

from __future__ import annotations

import sys

import click

from nnexp.cli.family import in_store, run_in, say, tracking_at
from nnexp.errors import UsageError


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(arguments: tuple[str, ...]) -> None:
    """Train: the same as `python -m nnexp.run`. `nnexp run --help` explains all settings.

    \b
    Example:
      nnexp run experiments=quick
    """
    start(*arguments)


def start(*arguments: str) -> None:
    """Call the front door with these words."""
    from nnexp import run as front_door

    sys.argv = [sys.argv[0], *arguments]
    front_door.main()


@click.command()
@in_store
@click.argument("run_id")
@click.argument("overrides", nargs=-1)
def rerun(uri: str | None, experiment: str, run_id: str, overrides: tuple[str, ...]) -> None:
    """Make a run again, from its own configuration, whatever conf/ says today. It becomes a new run each time.

    OVERRIDES are settings as for `nnexp run`; resume=auto goes on with a rerun that was interrupted.

    A run that is being trained at this moment is refused, or it would be trained twice; resume=auto waits for it. With
    other settings it is another run, and trained.

    \b
    Example:
      nnexp rerun d8396f9e
      nnexp rerun d8396f9e seed=1
    """
    from nnexp.config.compose import changed, config_of_run, is_same_run
    from nnexp.config.naming import as_typed
    from nnexp.runner.verify import changed_settings

    tracking = tracking_at(uri, experiment)
    earlier = run_in(tracking.open(make=False), run_id)
    config = config_of_run(earlier)
    for line in changed_settings(earlier, config, config):
        say(f"not what the run was: {line}", err=True)
    here = {"tracking": tracking.kind, "resume": "never"}
    here |= {f"tracking.{name}": value for name, value in tracking.settings.items() if value is not None}
    said = {word.partition("=")[0] for word in overrides}
    words = as_typed({name: value for name, value in here.items() if said.isdisjoint({name, name.partition(".")[0]})})
    if earlier.alive and "resume" not in said and is_same_run(config, overrides):
        raise UsageError(
            f"run: got {earlier.id}, which is being trained at this moment, expected one that has ended; "
            "resume=auto waits for it"
        )
    start(*changed(config, [*words, *overrides]))

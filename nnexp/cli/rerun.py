"""`nnexp rerun`: train by the settings of an earlier run."""

from __future__ import annotations

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.cli.run import start
from nnexp.cli.store_options import in_store, run_in
from nnexp.errors import UsageError
from nnexp.tracking.usual import tracking_at


@click.command()
@in_store
@click.argument("run_id", shell_complete=offers.run)
@click.argument("overrides", nargs=-1, shell_complete=offers.setting)
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
    earlier = run_in(tracking.open(make=False), run_id, uri)
    config = config_of_run(earlier)
    for line in changed_settings(earlier, config, config):
        say(f"not what the run was: {line}", err=True)
    here = {"tracking": tracking.kind, "resume": "never"}
    here |= {f"tracking.{name}": value for name, value in tracking.settings.items() if value is not None}
    given = {word.partition("=")[0] for word in overrides}
    words = as_typed({name: value for name, value in here.items() if given.isdisjoint({name, name.partition(".")[0]})})
    if earlier.alive and "resume" not in given and is_same_run(config, overrides):
        raise UsageError(
            f"run: got {earlier.id}, which is being trained at this moment, expected one that has ended; "
            "resume=auto waits for it"
        )
    start(*changed(config, [*words, *overrides]))

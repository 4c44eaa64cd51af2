"""`nnexp ui`: MLflow's UI."""

from __future__ import annotations

import click

from nnexp.cli.family import in_store, run_in, store_at


@click.command()
@in_store
@click.argument("run_id", required=False)
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
def ui(uri: str | None, experiment: str, run_id: str | None, port: int) -> None:
    """Start MLflow's UI on the right store, for this machine alone, and say where to look.

    \b
    Example:
      nnexp ui
      nnexp ui d8396f9e
    """
    from nnexp.track.ui import address, serve

    store = store_at(uri, experiment)
    run = run_in(store, run_id).id if run_id else ""
    if store.uri.startswith("http"):
        click.echo(f"{address(store, run)}\nthis server shows it already")
    else:
        serve(store, port, lambda: click.echo(address(store, run, port)))

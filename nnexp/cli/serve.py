"""`nnexp serve`: a run's network for programs and for people."""

from __future__ import annotations

import sys

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.cli.store_options import in_store, mlflow_at, run_in
from nnexp.runtime.child_process import HIGHEST_PORT

PORT = click.IntRange(1, HIGHEST_PORT)


@click.command()
@in_store
@click.argument("run_id", shell_complete=offers.run)
@click.option("--port", default=5002, show_default=True, type=PORT, help="Of the page.")
@click.option("--model-port", type=PORT, help="Of MLflow's model server. Default: the one after the page's.")
@click.option("--open/--no-open", "opens", default=None, help="Open the page in a browser. Default: on a terminal.")
def serve(uri: str | None, experiment: str, run_id: str, port: int, model_port: int | None, opens: bool | None) -> None:
    """Serve a run's network, for this machine alone: a page to draw a digit on, and MLflow's model server.

    On the page ten probabilities move and the hidden layer lights up while you draw, and a link leads to the run that
    made the weights. The model server takes {"inputs": [[784 numbers]]} at /invocations. The network is read as data:
    of the code that a model carries none is run.

    \b
    Example:
      nnexp serve d8396f9e
      nnexp serve d8396f9e --port 6002 --no-open
    """
    import webbrowser

    from nnexp.serve.serving import serve as serve_run

    wanted = sys.stdout.isatty() if opens is None else opens
    runs = mlflow_at(uri, experiment, "nnexp serve")
    serve_run(runs, run_in(runs, run_id, uri), port, model_port, say, webbrowser.open if wanted else lambda _: None)

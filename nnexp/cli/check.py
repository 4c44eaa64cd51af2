"""`nnexp check`: whether a configuration's gradient is right, and what is suspicious in it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.runtime.waiting import doing

if TYPE_CHECKING:
    from nnexp.config.schema import Config
    from nnexp.nn.gradient_check import LayerCheck

EXAMPLES = 10  # of the training examples


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("settings", nargs=-1, type=click.UNPROCESSED, shell_complete=offers.setting)
def check(settings: tuple[str, ...]) -> None:
    """Check a configuration before it is trained: its gradient, and what looks wrong in it. Exit code 1: the gradient.

    SETTINGS are those of `nnexp run`. The gradient that the engine steps along is compared with central differences of
    the cost, the regulariser's part included, in float64, for some weights and biases of each layer. Then come the
    data, the first weights and the first step: what is suspicious is a line, and no failure. Nothing is kept.

    \b
    Example:
      nnexp check
      nnexp check activation=relu init=gaussian eta=100
    """
    import numpy as np

    from nnexp.config.compose import config_of
    from nnexp.nn.blas import blas_threads
    from nnexp.nn.examples import Examples
    from nnexp.nn.gradient_check import gradient_check
    from nnexp.runner.preparation import new_network, prepare
    from nnexp.train.suspicions import suspicions

    run = prepare(config_of(settings), Path())
    config, train = run.config, run.dataset.train
    network = new_network(config, run.dataset)
    n = min(EXAMPLES, len(train))
    places = np.arange(n) * len(train) // n  # spread over all of them
    few = Examples(train.x[places], train.y[places], train.scale)
    with blas_threads(config.threads), doing("checking"):
        say(f"gradient of {run.name}, engine {config.engine.kind}, against central differences, {n} examples, float64")
        say(f"{'layer':5}  {'sizes':>11}  {'compared':>8}  {'norm':>8}  {'error':>8}")
        rows = []
        for row in gradient_check(network, few, np.random.default_rng(config.seed)):
            say(_row(row))
            rows.append(row)
        found = list(suspicions(network, run.dataset, config))
    right = all(row.right for row in rows)
    say(_verdict(right, config))
    for line in found:
        say(f"suspicious: {line}")
    if not found:
        say("nothing else looks suspicious")
    sys.exit(0 if right else 1)


def _row(row: LayerCheck) -> str:
    """A layer's row of the table."""
    sizes = f"{row.sizes[0]}-{row.sizes[1]}"
    verdict = "right" if row.right else "WRONG"
    if row.right and row.lost > 1e-3:
        verdict = "too small to tell: lost in rounding"
    kinks = f", {row.kinks} of them at a kink" if row.kinks else ""
    return f"{row.layer:5}  {sizes:>11}  {row.compared:8}  {row.norm:8.2g}  {row.error:8.1e}  {verdict}{kinks}"


def _verdict(right: bool, config: Config) -> str:
    if right:
        return "the gradient is right"
    return f"the gradient is WRONG: is {config.activation.kind} or {config.cost.kind} another package's, or changed?"

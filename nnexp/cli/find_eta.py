"""`nnexp find-eta`: a learning-rate range test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnexp.cli import offers
from nnexp.cli.output import say
from nnexp.errors import UsageError
from nnexp.runtime.waiting import doing

if TYPE_CHECKING:
    from nnexp.train.range_test import RangeTest

PICTURE = "find-eta.png"
ROWS = 12  # of the table
MADE_BY = ("Software", "nnexp find-eta")  # a text in the picture: such a file may be written over
RATE = click.FloatRange(min=0, min_open=True)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("settings", nargs=-1, type=click.UNPROCESSED, shell_complete=offers.setting)
@click.option("--from", "low", default=1e-5, show_default=True, type=RATE, help="The first rate.")
@click.option("--to", "high", default=100.0, show_default=True, type=RATE, help="The last rate.")
@click.option("--steps", type=click.IntRange(min=10), help="Mini-batches in all. Default: an epoch's, at least 1,000.")
@click.option(
    "--output",
    default=Path(PICTURE),
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The picture, a PNG. A file that is no picture of this command's is not written over.",
)
def find_eta(settings: tuple[str, ...], low: float, high: float, steps: int | None, output: Path) -> None:
    """Look for a learning rate: train a new network while the rate grows, and see where the cost falls and rises.

    SETTINGS are those of `nnexp run`. Small rates change nothing; then the cost falls; where the rate is too large, it
    rises again. Suggested is a fifth of the rate at which the smoothed cost is lowest: a first guess, good to a factor
    of two or three. Nothing is remembered but the picture.

    \b
    Example:
      nnexp find-eta cost=cross_entropy activation=relu
      nnexp find-eta optimiser=adam --to 1 --output adam.png
    """
    from nnexp.config.compose import config_of
    from nnexp.nn.blas import blas_threads
    from nnexp.runner.preparation import new_network, prepare
    from nnexp.train.range_test import range_test

    if not low < high:
        raise UsageError(f"--to: got {high:g}, expected a rate above that of --from, {low:g}")
    _refuse_others(output)
    run = prepare(config_of(settings), Path())
    config, dataset = run.config, run.dataset
    with blas_threads(config.threads), doing("training while the rate grows"):
        network = new_network(config, dataset)
        test = range_test(network, dataset.train, config.mini_batch_size, config.seed, low, high, steps, config.dropout)
    for line in _lines(test):
        say(line)
    _draw(test, output)
    say(f"picture {output}")


def _refuse_others(output: Path) -> None:
    """Raise `UsageError` for a file that this command has not made, or one in no folder."""
    if not output.parent.is_dir():
        raise UsageError(f"--output: got {str(output)!r}, expected a file in a folder that is there")
    if not output.exists():
        return
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(output) as image:
            made = image.info.get(MADE_BY[0])
    except (OSError, UnidentifiedImageError):
        made = None
    if made != MADE_BY[1]:
        raise UsageError(f"--output: {output} is there, and no picture of this command's; expected another name")


def _lines(test: RangeTest) -> list[str]:
    """A table of rates and costs, what was seen, and the suggestion."""
    smoothed, last = test.smoothed, len(test.rates) - 1
    shown = sorted({round(row * last / (ROWS - 1)) for row in range(ROWS)})
    lines = [f"{'eta':>9}  {'cost':>10}", *(f"{test.rates[at]:9.3g}  {smoothed[at]:10.4g}" for at in shown)]
    lines += [f"{test.steps} steps; {test.end}"] if test.end else [f"{test.steps} steps"]
    lines.append(f"the smoothed cost is lowest, {smoothed[test.lowest]:.3g}, at {test.rates[test.lowest]:.2g}")
    if test.suggested is not None:
        return [*lines, f"suggested, a fifth of that: eta={test.suggested:g}"]
    if test.risen_at is None:
        return [*lines, "no suggestion: the cost has not risen again; try a larger --to, or more --steps"]
    return [*lines, "no suggestion: the cost has never fallen; try a smaller --from, more --steps, or `nnexp check`"]


def _draw(test: RangeTest, output: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    from nnexp.plots.drawing import drawn
    from nnexp.plots.range_chart import range_chart
    from nnexp.runtime.owned_files import written

    text = PngInfo()
    text.add_text(*MADE_BY)
    try:
        with written(output.resolve()) as file:  # a link stays one
            drawn(range_chart(test)).save(file, "PNG", pnginfo=text)
    except OSError as error:
        raise UsageError(f"--output: {output} can't be written ({error.strerror})") from error

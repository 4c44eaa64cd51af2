"""`nnexp predict`: what a trained network predicts for images."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnexp.cli import offers
from nnexp.cli.output import print_json
from nnexp.cli.store_options import in_store, mlflow_at, run_in, store_at
from nnexp.errors import UsageError
from nnexp.printable import visible
from nnexp.runtime.terminal import print_columns
from nnexp.runtime.waiting import doing

if TYPE_CHECKING:
    from nnexp.predict.answers import Answer
    from nnexp.predict.preparation import Preparation
    from nnexp.predict.trained import Trained

COLUMNS = ("file", "label", "probability", "second guess")


@click.command()
@in_store
@click.argument("run_or_model", metavar="RUN_ID_OR_MODEL", shell_complete=offers.run_or_file)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=offers.file)
@click.option(
    "--prepare/--as-is",
    default=None,
    help="Crop, scale and centre images as MNIST's were, or leave them. By default --prepare for a network that has "
    "learned from mnist, mnist_pickle or digits, or from data unknown with 784 inputs; else --as-is.",
)
@click.option("--best", is_flag=True, help="The weights of the epoch with the best validation accuracy, not the last.")
@click.option("--show/--no-show", default=None, help="What the network saw, below each row. Default: on a terminal.")
@click.option("--saw", type=click.Path(path_type=Path), help="A folder to write what the network saw into, as PNG.")
@click.option(
    "--max-pixels",
    default=50_000_000,
    show_default=True,
    type=click.IntRange(1),
    help="That a file may have; one with more is refused before it is read.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON, with all outputs and probabilities.")
def predict(
    uri: str | None,
    experiment: str,
    run_or_model: str,
    files: tuple[str, ...],
    prepare: bool | None,
    best: bool,
    show: bool | None,
    saw: Path | None,
    max_pixels: int,
    as_json: bool,
) -> None:
    """Predict which digit is on each image: its label, how probable it is, and the second guess.

    RUN_ID_OR_MODEL is a run's id or its beginning, a weights.npz, a run's folder under outputs/, the folder of an
    MLflow model, or an MLflow address such as runs:/ID/model or models:/NAME/1. No code of a model is run.

    FILE is a PNG, a JPEG or the like, dark on light or light on dark, or an .npz file: its only array, or the one
    called images, x or x_test, of shape (n, height, width), (height, width) or (n, values), uint8 or floats from 0 to
    1. Left as they are, images must have as many pixels as the network has inputs. A file that can't be read
    stops no other, and is named at the end.

    A probability is an output's share of the sum of all outputs. Each output by itself is trained towards the
    probability of its label, so their sum need not be 1: --json has them too.

    \b
    Example:
      nnexp predict d8396f9e three.png seven.png
      nnexp predict outputs/2026-11-23/22-55-23-548351 digits.npz --saw seen
    """
    with doing("reading the network"):
        trained = trained_at(uri, experiment, run_or_model, best)
    found, problems = answers_to(files, trained, trained.preparation(prepare), max_pixels)
    if saw:
        write_seen(found, saw)
    if as_json:
        print_json("predict", answers=[as_row(answer) for answer in found])
    elif found:
        print_answers(found, sys.stdout.isatty() if show is None else show)
    if problems:
        raise UsageError(problems)


def write_seen(answers: Sequence[Answer], folder: Path) -> None:
    """Write what the network saw of each image as a PNG into the folder."""
    from nnexp.predict.sketch import write_png

    for position, answer in enumerate(answers):
        write_png(answer.saw, folder / f"{position:03d}-{Path(answer.name).name.removesuffix('.png')}.png")


def answers_to(
    files: Sequence[str], trained: Trained, preparation: Preparation | None, max_pixels: int
) -> tuple[list[Answer], list[str]]:
    """The answers to the images of all files that can be read, and what is wrong with the others, a line each."""
    from nnexp.predict.answers import answers
    from nnexp.predict.images import images_in

    found: list[Answer] = []
    problems: list[str] = []
    for file in files:
        try:
            images = list(images_in(file, trained.network.sizes[0], max_pixels))
            found += answers(trained.network, images, preparation)
        except UsageError as error:
            problems += error.lines
    return found, problems


def trained_at(uri: str | None, experiment: str, word: str, best: bool) -> Trained:
    """The trained network that a word of the command line means: an address, a path that is there, or a run."""
    from nnexp.predict.trained import is_address, of_address, of_path, of_run

    if is_address(word):
        return of_address(word, mlflow_at(uri, experiment, "an MLflow address"), best)
    if Path(word).exists():
        return of_path(Path(word), best)
    return of_run(run_in(store_at(uri, experiment), word, uri), best)


def as_row(answer: Answer) -> dict[str, Any]:
    """An answer as JSON has it."""
    label, second = answer.ranked[:2] if len(answer.ranked) > 1 else (answer.ranked[0], None)
    return {
        "file": answer.name,
        "label": label,
        "probability": float(answer.probabilities[label]),
        "second": second,
        "outputs": answer.outputs.tolist(),
        "probabilities": answer.probabilities.tolist(),
    }


def print_answers(found: list[Answer], show: bool) -> None:
    """A table of the answers; with `show`, one for each, and below it what the network saw."""
    from nnexp.predict.sketch import sketch

    for group in [[answer] for answer in found] if show else [found]:
        print_columns(COLUMNS, [_cells(answer) for answer in group], left=("file",), least=(), folds=("file",))
        if show and min(group[0].saw.shape) > 1:
            click.echo(sketch(group[0].saw))


def _cells(answer: Answer) -> list[str]:
    label, *others = answer.ranked
    second = f"{others[0]} ({100 * answer.probabilities[others[0]]:.1f} %)" if others else ""
    return [visible(answer.name), str(label), f"{100 * answer.probabilities[label]:.1f} %", second]

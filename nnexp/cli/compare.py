"""`nnexp compare`: runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnexp.cli import offers
from nnexp.cli.output import print_json, say
from nnexp.cli.store_options import in_store, looking, store_at
from nnexp.errors import UsageError
from nnexp.runtime.waiting import doing
from nnexp.tracking.tags import CONFIRMED

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison
    from nnexp.tracking.run_store import StoredRun


@click.command()
@in_store
@click.argument("what", nargs=-1, shell_complete=offers.sweep_or_run)
@click.option("--json", "form", flag_value="json", help="All of it as JSON.")
@click.option("--csv", "form", flag_value="csv", help="A row for each setting, with all digits.")
@click.option("--markdown", "form", flag_value="markdown", help="The table and the verdicts in markdown.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a report into this file.")
def compare(uri: str | None, experiment: str, what: tuple[str, ...], form: str | None, page: Path | None) -> None:
    """Compare runs: which settings differ, which are best, and how sure that is.

    WHAT is the name of a sweep, of an experiment, or ids of runs; without it, all runs of the experiment. Runs that
    differ only in their seed are one line. Validation accuracy chooses, test accuracy is reported.

    \b
    Example:
      nnexp compare eta-seed
      nnexp compare eta-seed --html report.html
      nnexp compare d8396f9e ecb89665
    """
    from nnexp.comparison.by_sweep import compared
    from nnexp.comparison.load import meant

    if page and not page.parent.is_dir():
        raise UsageError(f"--html: got {str(page)!r}, expected a file in a folder that is there")
    store = store_at(uri, experiment)
    with looking(uri), doing("reading runs"):
        title, store, runs = meant(store, what)
        comparison = compared(title, store, runs)
    by_id = {run.id: run for run in runs}
    if len(what) == 1 and store.members(fresh := f"{what[0]}{CONFIRMED}"):
        say(f"{what[0]} is a search, which tries more of what did well: see nnexp compare {fresh}", err=True)
    if page:
        with doing("drawing the report"):
            _write(page, comparison, by_id)
    _print(comparison, by_id, form)
    if page:
        say(f"report  {page}", err=form is not None)


def _print(comparison: Comparison, runs: dict[str, StoredRun], form: str | None) -> None:
    from nnexp.comparison.conclusion import as_items
    from nnexp.comparison.render.json_data import as_dict
    from nnexp.comparison.render.text import as_csv, markdown, show

    match form:
        case "json":
            print_json("compare", **as_dict(comparison))
        case "csv":
            click.echo(as_csv(comparison), nl=False)
        case "markdown":
            click.echo("\n".join([markdown(comparison), "", as_items(_lines(comparison, runs))]))
        case _:
            show(comparison)
            for line in _lines(comparison, runs):
                say(line)


def _lines(comparison: Comparison, runs: dict[str, StoredRun]) -> list[str]:
    """What is printed below the table."""
    from nnexp.comparison.render.sentences import below, headline

    with doing("weighing what may be chance"):
        lines = [headline(comparison), *below(comparison, _image_by_image(comparison, runs))]
    again = [f"the best run again: {command}"] if (command := comparison.best.command) else []
    return [*lines, *again]


def _image_by_image(comparison: Comparison, runs: dict[str, StoredRun]) -> str:
    """What two networks come to on the same images; empty if there are not just two."""
    from nnexp.comparison.evidence import evidence

    if len(comparison.trials) != 2:
        return ""
    try:
        return evidence(comparison, runs).sentence
    except UsageError as error:
        return f"not compared image by image: {error}"


def _write(file: Path, comparison: Comparison, runs: dict[str, StoredRun]) -> None:
    from nnexp.comparison.conclusion import report
    from nnexp.comparison.render.charts import charts
    from nnexp.runtime.owned_files import write

    text = report(comparison, runs, list(charts(comparison)))
    try:
        write(file.resolve(), text)  # a link stays one
    except OSError as error:
        raise UsageError(f"--html: {file} can't be written ({error.strerror})") from error

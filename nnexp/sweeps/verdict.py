"""What a sweep comes to at its end, or so far: a table and a verdict, as they are printed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnexp.errors import UsageError, in_a_line
from nnexp.printable import counted
from nnexp.runner.result import Outcome
from nnexp.sweeps.table import Table
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.comparison.comparison import Comparison
    from nnexp.tracking.run_store import RunStore

log = logging.getLogger(__name__)

DONE = ("new", "continued", "done")


def compared(sweep: str, store: RunStore) -> Comparison | None:
    """What all of the sweep's runs come to, those of earlier commands too; None if none has finished, or for a bug."""
    from nnexp.comparison.comparison import compare
    from nnexp.comparison.load import trials

    try:
        return compare(f"sweep {sweep}", trials(store, store.members(sweep)))
    except UsageError:
        return None
    except Exception as error:  # the sweep has ended all the same, and its summary has to say so
        log.warning("the sweep's runs could not be compared: %s", in_a_line(error))
        return None


def show(over: Sequence[str], rows: Sequence[Outcome], comparison: Comparison | None, status: Status) -> None:
    """Print a table, of settings where they have several seeds and of jobs where not, and what they come to.

    over: the settings that vary. comparison: of the sweep's runs; None where nothing is remembered.
    """
    if comparison is None:
        table = Table(over, rows)
        table.show()
        if table.best:
            log.info("best run %s", table.best.sentence)
        return
    from nnexp.comparison.render import sentences, text

    if comparison.several_seeds and len(comparison.groups) > 1:
        text.show(comparison, "the report has them all")
    else:
        Table(over, rows).show()
        others = {trial.id for trial in [*comparison.trials, *comparison.incomplete]} - {row.run for row in rows}
        if others:
            log.info("also    in the sweep: %s of earlier commands", counted(len(others), "run"))
    log.info("verdict %s", verdict_of(comparison, rows, status))
    for line in sentences.verdict_lines(comparison, sentences.IN_SHORT):
        log.info("        %s", line)
    if line := sentences.p_line(comparison):
        log.info("note    %s", line)
    log.info("best run %s", sentences.best_line(comparison))


def verdict_of(comparison: Comparison, rows: Sequence[Outcome], status: Status) -> str:
    """Which setting is better, in a sentence; of a sweep that was stopped, from how many of its jobs."""
    from nnexp.comparison.render.sentences import headline

    done = sum(row.state in DONE for row in rows)
    if status != "KILLED" or done == len(rows):
        return headline(comparison)
    return f"so far, with {done} of {counted(len(rows), 'job')} done: {headline(comparison)}"

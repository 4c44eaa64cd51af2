"""What comes of a run, a sweep, a search and a comparison, as Python has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.learning_curves import learning_curves
from nnexp.comparison.render.sentences import below, headline
from nnexp.comparison.render.text import columns, table_rows
from nnexp.notebook.card import Card, Shown
from nnexp.plots.run_charts import learning_curve
from nnexp.runner.result import Outcome, Result, course, doubt, monitored_lines, result_line
from nnexp.searches.render import table as of_trials
from nnexp.searches.render.sentences import headline as search_headline
from nnexp.searches.render.sentences import lines as search_lines
from nnexp.searches.searched import Searched
from nnexp.sweeps.table import RESULTS, Table, cells

if TYPE_CHECKING:
    from pandas import DataFrame

WORDS = frozenset(("state", "run", "best run"))  # columns that are no numbers


@dataclass(frozen=True, repr=False)
class Run(Shown, Result):
    """A run that was trained or looked up: its network, its history, and where it is kept."""

    @property
    def epochs(self) -> DataFrame:
        """What every epoch has measured, by epoch; 0 is the untrained network."""
        from pandas import DataFrame

        rows = [{"epoch": each.epoch, **each.metrics} for each in self.history.epochs]
        return DataFrame(rows).set_index("epoch")

    @property
    def card(self) -> Card:
        history = self.history
        return Card(
            title=self.name,
            lead=result_line(history),
            lines=[*doubt(history, self.network.sizes[-1]), *monitored_lines(history)],
            spark=course(history),
            chart=learning_curve(history),
            where=self.where,
        )


@dataclass(frozen=True, repr=False)
class Compared(Shown):
    """Runs side by side, those that differ only in their seed as one setting."""

    comparison: Comparison
    where: Sequence[str] = ()

    @property
    def verdict(self) -> str:
        """Which setting is better, or that it can't be told yet, in a sentence."""
        return headline(self.comparison)

    @property
    def best(self) -> str:
        """The id of the best single run by validation, for `load`."""
        return self.comparison.best.id

    @property
    def groups(self) -> DataFrame:
        """A row for each setting, the best first; accuracies are means over seeds, from 0 to 1."""
        from pandas import DataFrame

        shown = columns(self.comparison)
        return DataFrame(
            [
                {name: value for column in shown for name, value in column.numbers(group).items()}
                for group in self.comparison.groups
            ]
        )

    @property
    def card(self) -> Card:
        compared = self.comparison
        shown = columns(compared)
        return Card(
            title=compared.title,
            lead=headline(compared),
            lines=below(compared),
            columns=[column.name for column in shown],
            rows=table_rows(compared),
            left=frozenset(column.name for column in shown if column.left),
            chart=learning_curves(compared, width=595),
            where=self.where,
        )


@dataclass(frozen=True, repr=False)
class Swept(Shown):
    """A sweep: what came of each job, and what they come to together.

    over: the settings that vary. comparison: None where runs are not remembered.
    """

    name: str
    over: Sequence[str]
    outcomes: Sequence[Outcome]
    comparison: Comparison | None = None
    where: Sequence[str] = ()

    @property
    def verdict(self) -> str:
        """Which setting is better, or that it can't be told yet, in a sentence; of what is not remembered, nothing."""
        return headline(self.comparison) if self.comparison else ""

    @property
    def best(self) -> str:
        """The id of the best single run by validation, for `load`; empty where runs are not remembered."""
        best = self._table.best
        return best.run if best else ""

    @property
    def jobs(self) -> DataFrame:
        """A row for each job, the best first; accuracies from 0 to 1."""
        from pandas import DataFrame

        named = ("validation", "epoch", "test", "seconds", "state", "run")
        rows = ({**row.varying, **{name: getattr(row, name) for name in named}} for row in self._table.ranked())
        return DataFrame(list(rows))

    @property
    def card(self) -> Card:
        if self.comparison:
            return Compared(self.comparison, self.where).card
        best = self._table.best
        return Card(
            title=f"sweep {self.name}",
            lead=f"best run {best.sentence}" if best else "no job has a result",
            columns=[*self.over, *RESULTS],
            rows=[cells(row) for row in self._table.ranked()],
            left=WORDS,
            where=self.where,
        )

    @property
    def _table(self) -> Table:
        return Table(self.over, self.outcomes)


@dataclass(frozen=True, repr=False)
class Found(Shown):
    """A search: its trials, and whether it has found something better, or may only have been lucky."""

    searched: Searched
    where: Sequence[str] = ()

    @property
    def verdict(self) -> str:
        """What the search has found, in a sentence."""
        return search_headline(self.searched)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the best trial, by name; none if no trial has a result."""
        best = self.searched.best
        return dict(best.settings) if best else {}

    @property
    def trials(self) -> DataFrame:
        """A row for each trial, in the order in which they were tried; accuracies from 0 to 1."""
        from pandas import DataFrame

        facts = ("state", "test", "seeds", "epochs")
        return DataFrame(
            [
                {"trial": trial.number, **trial.settings}
                | dict(zip(self.searched.objectives, trial.values, strict=False))
                | {name: getattr(trial, name) for name in facts}
                for trial in self.searched.trials
            ]
        )

    @property
    def card(self) -> Card:
        return Card(
            title=f"search {self.searched.name}",
            lead=self.verdict,
            lines=search_lines(self.searched),
            columns=of_trials.columns(self.searched),
            rows=of_trials.rows(self.searched),
            left=frozenset(of_trials.LEFT),
            where=self.where,
        )

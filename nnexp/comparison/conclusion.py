"""What a sweep comes to: sentences, a description, and the report with its charts as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.evidence import evidence
from nnexp.comparison.load import trials
from nnexp.comparison.render.charts import Figure, charts
from nnexp.comparison.render.html import as_html
from nnexp.comparison.render.sentences import IN_SHORT, best_line, headline, importance_line, notes, verdict_lines
from nnexp.comparison.render.text import markdown
from nnexp.errors import UsageError
from nnexp.plots.drawing import png
from nnexp.plots.pictures import FIGURES
from nnexp.tracking.run_store import RunStore, StoredRun

DESCRIBED = 12  # rows: a note holds but so much


@dataclass(frozen=True)
class Conclusion:
    """What is to be said and kept of a comparison. files: by name."""

    comparison: Comparison
    files: Mapping[str, str | bytes] = field(default_factory=dict)

    @property
    def best(self) -> str:
        """The best single run."""
        return best_line(self.comparison)

    @property
    def lines(self) -> list[str]:
        """Which settings are better: in a sentence, then in detail."""
        return [headline(self.comparison), *verdict_lines(self.comparison, IN_SHORT)]

    @property
    def details(self) -> str:
        """What there is to say below the first of the lines, in markdown, and the table."""
        details = verdict_lines(self.comparison)
        if what := importance_line(self.comparison):
            details.append(what)
        table = markdown(self.comparison, DESCRIBED)
        below = [f"best run {self.best}", *notes(self.comparison)]
        return "\n\n".join(part for part in (_items(details), table, _items(below)) if part)


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def conclusion(store: RunStore, title: str, runs: Sequence[StoredRun], pictures: bool) -> Conclusion:
    """What the runs come to; `UsageError` if none has finished. pictures: whether to make the report and its charts."""
    comparison = compare(title, trials(store, runs))
    return Conclusion(comparison, written(comparison, {run.id: run for run in runs}) if pictures else {})


def written(comparison: Comparison, runs: Mapping[str, StoredRun]) -> dict[str, str | bytes]:
    """The report and its charts, by file name. runs: by id."""
    drawn = list(charts(comparison))
    figures = {f"{FIGURES}/{figure.name}.png": png(figure.chart) for figure in drawn}
    return {"report.html": report(comparison, runs, drawn)} | figures


def report(comparison: Comparison, runs: Mapping[str, StoredRun], drawn: Sequence[Figure]) -> str:
    """The report as HTML; without the weights or the data of the runs it goes without images, and says so."""
    try:
        return as_html(comparison, drawn, evidence(comparison, runs))
    except UsageError as error:
        return as_html(comparison, drawn, None, str(error))

"""What is kept of a comparison: a description, and the report with its charts as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.evidence import evidence
from nnexp.comparison.render.charts import Figure, charts
from nnexp.comparison.render.html import as_html
from nnexp.comparison.render.sentences import below
from nnexp.comparison.render.text import markdown
from nnexp.errors import UsageError
from nnexp.plots.drawing import png
from nnexp.plots.pictures import FIGURES
from nnexp.tracking.run_store import StoredRun

DESCRIBED = 12  # rows: a note holds but so much


def described(comparison: Comparison) -> str:
    """The table and what there is to say below the headline, in markdown."""
    return "\n\n".join([markdown(comparison, DESCRIBED), as_items(below(comparison))])


def as_items(lines: Sequence[str]) -> str:
    """The lines as a list, in markdown."""
    return "\n".join(f"- {line}" for line in lines)


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

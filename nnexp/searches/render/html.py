"""A search's report: one HTML file that stands alone, with the verdict, the trials, the charts and what matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnexp.comparison.render.charts import Figure
from nnexp.comparison.render.html import differences, pairs_of, template
from nnexp.comparison.render.text import columns as comparison_columns
from nnexp.comparison.render.text import table_rows
from nnexp.plots.drawing import png
from nnexp.plots.pictures import FIGURES
from nnexp.plots.svg_drawing import svg
from nnexp.printable import counted
from nnexp.searches.confirmed import confirmed
from nnexp.searches.matters import Matters, matters
from nnexp.searches.render import sentences, table
from nnexp.searches.render.charts import charts
from nnexp.searches.searched import Searched
from nnexp.study.objectives import DIRECTIONS, PARAMETERS

BEST = 10  # trials above the charts
ROWS = 500  # of the table of all

EXPLAINED = (
    "Explained: of the variance among the trials, without what chance explains. A search tries more of what is good, "
    "so this is mostly about settings near the best. fANOVA (Optuna): of what a random forest predicts over all values "
    "between the smallest and the largest that were tried, what each setting does alone; it takes noise for an effect, "
    "and leaves out a setting that only some trials have."
)


@dataclass(frozen=True)
class Column:
    """What the page asks of a table's column."""

    name: str
    left: bool = False


def written(searched: Searched, found: Sequence[Matters] | None = None) -> dict[str, str | bytes]:
    """The report and its charts, by file name. found: what matters, if it is known already."""
    known = found or everything(searched)
    made = list(charts(searched, known[0] if known else matters(searched)))
    figures = {f"{FIGURES}/{figure.name}.png": png(figure.chart) for figure in made}
    return {"report.html": as_html(searched, made, known)} | figures


def everything(searched: Searched) -> list[Matters]:
    """What matters, for each objective; of the number of parameters everybody knows."""
    return [matters(searched, which) for which, name in enumerate(searched.objectives) if name != PARAMETERS]


def as_html(searched: Searched, figures: Sequence[Figure], found: Sequence[Matters]) -> str:
    """The page as HTML. found: what matters, for each objective."""
    most = max(BEST, len(searched.front) if searched.several else 0)
    confirmation = searched.confirmation
    return template(Path(__file__).parent / "search.html").render(
        title=f"search {searched.name}",
        headline=sentences.headline(searched),
        lines=sentences.lines(searched),
        notes=sentences.notes(searched),
        columns=[Column(name, name in table.LEFT) for name in table.columns(searched)],
        trials=table.rows(searched, most),
        trials_are=_trials_are(searched),
        every=table.rows(searched, ROWS),
        more=len(searched.trials) > most,
        charts=[(figure.shows, svg(figure.chart)) for figure in figures],
        matters=[(sentences.matters_line(each), _matters(each)) for each in found if searched.complete],
        matters_columns=[Column("setting", left=True), Column("explained"), Column("fANOVA")],
        how_explained=EXPLAINED if any(each.fanova for each in found) else "",
        confirmation=confirmation,
        confirmation_columns=[Column("", left=True), *comparison_columns(confirmation)] if confirmation else [],
        confirmation_rows=_confirmed_rows(searched),
        differences=differences(confirmation) if confirmation else [],
        paired=pairs_of(confirmation) if confirmation else "",
        space=searched.space,
        sampler=searched.sampler,
        prune=searched.prune,
        objectives=", ".join(f"{name}: {DIRECTIONS[name]}" for name in searched.objectives),
        counted=counted,
    )


def _confirmed_rows(searched: Searched) -> list[list[str]]:
    """The rows of the comparison by fresh seeds, each called by which it is; those without a result come last."""
    found = confirmed(searched)
    if found is None:
        return []
    groups = found.comparison.groups
    rows = table_rows(found.comparison)
    return [[found.called(groups[at]) if at < len(groups) else "", *row] for at, row in enumerate(rows)]


def _trials_are(searched: Searched) -> str:
    """The heading of the first table."""
    if searched.several and searched.front:
        return "The front, and the best of the others" if len(searched.front) < BEST else "The front"
    return "The best trials" if len(searched.trials) > BEST else "The trials"


def _matters(found: Matters) -> list[list[str]]:
    """A row for each setting, where fANOVA can be believed; else the sentence says it all."""
    if not found.fanova:
        return []
    return [[name, _share(found.shares[name]), _share(found.fanova.get(name))] for name in found.settings]


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"

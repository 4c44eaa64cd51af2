"""Links to what MLflow's UI shows of a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.errors import redacted
from nnexp.tracking.mlflow.runs import members_filter
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.mlflow.ui.server import command, page, root
from nnexp.tracking.mlflow.ui.views import View, of_means, of_sweep

CHART = "&compareRunsMode=CHART"


def view_page(store: Store, view: View) -> str:
    """The UI's page with the charts of a view, as a note links to it."""
    return page(store) + CHART + view.query


def sweep_pages(store: Store, sweep: str, over: Sequence[str]) -> dict[str, str]:
    """The UI's pages of a sweep: a curve for each run, and its settings averaged over seeds, if it has any."""
    runs = members_filter(sweep)
    views = {"curves": of_sweep(sweep, runs, over), "means": of_means(sweep, runs, over)}
    return {name: view_page(store, view) for name, view in views.items() if view}


def sweep_addresses(store: Store, sweep: str, summary_id: str, over: Sequence[str]) -> dict[str, str]:
    """What opens the UI of a store on this machine; of a server, where it is, and where in it these pages are."""
    if look := command(store, sweep):
        return {"look": look}
    pages = {"summary": page(store, summary_id)} | sweep_pages(store, sweep, over)
    return {"look": redacted(store.uri)} | {name: f"{root(store)}/{page}" for name, page in pages.items()}

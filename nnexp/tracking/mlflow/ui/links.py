"""Where MLflow's UI shows what: all runs, a run, a sweep."""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.errors import UsageError, redacted
from nnexp.tracking.contract import members_filter
from nnexp.tracking.mlflow.runs import SUMMARY, run_called, summaries, sweep_called
from nnexp.tracking.mlflow.store import Store, ui_command
from nnexp.tracking.mlflow.ui.server import PORT, address, page, root
from nnexp.tracking.mlflow.ui.views import View, of_experiment, of_means, of_sweep

CHART = "&compareRunsMode=CHART"


def view_page(store: Store, view: View) -> str:
    """The UI's page with the charts of a view, as a note links to it."""
    return page(store) + CHART + view.query


def shown_at(store: Store, what: str = "", port: int = PORT) -> str:
    """The address that shows it. what: a sweep's name, the id of a run, or the beginning of one; empty: all runs.

    Raises `UsageError` for one that is not there.
    """
    if not what:
        return root(store, port) + "/" + page(store) + of_experiment(()).query
    found = summaries(store)
    if sweep := sweep_called(store, what):
        return root(store, port) + "/" + view_page(store, of_sweep(sweep, members_filter(sweep), ()))
    called = [run.id for run in found if run.id.startswith(what)]
    if len(called) == 1:
        return address(store, called[0], port)
    try:
        return address(store, run_called(store, what).id, port)
    except UsageError as error:
        names = ", ".join(run.tags[SUMMARY] for run in found[:20]) or "none"
        raise UsageError([*error.lines, f"or a sweep; found {names}"]) from error


def sweep_pages(store: Store, sweep: str, summary_id: str, over: Sequence[str]) -> dict[str, str]:
    """The UI's pages of a sweep: its summary, its curves, and those of its settings averaged over seeds."""
    runs = members_filter(sweep)
    views = {"curves": of_sweep(sweep, runs, over), "means": of_means(sweep, runs, over)}
    shown = {name: view_page(store, view) for name, view in views.items() if view}
    return {"summary": page(store, summary_id)} | shown


def sweep_addresses(store: Store, sweep: str, summary_id: str, over: Sequence[str]) -> dict[str, str]:
    """Where the UI is, and where in it these pages are."""
    pages = sweep_pages(store, sweep, summary_id, over)
    look = {"look": ui_command(store) or redacted(store.uri)}
    return look | {name: f"{root(store)}/{page}" for name, page in pages.items()}

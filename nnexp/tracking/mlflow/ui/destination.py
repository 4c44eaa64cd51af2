"""Where MLflow's UI shows what a word of the command line means: all runs, a run, a sweep."""

from __future__ import annotations

from nnexp.errors import UsageError
from nnexp.tracking.lookup import run_called, sweep_called
from nnexp.tracking.mlflow.run_store import MLflowRuns
from nnexp.tracking.mlflow.runs import members_filter
from nnexp.tracking.mlflow.ui.links import view_page
from nnexp.tracking.mlflow.ui.server import PORT, address, page, root
from nnexp.tracking.mlflow.ui.views import best_view, of_experiment
from nnexp.tracking.tags import SUMMARY, searchable


def shown_at(runs: MLflowRuns, what: str = "", port: int = PORT) -> str:
    """The address that shows it. what: a sweep's name, the id of a run, or the beginning of one; empty: all runs.

    Raises `UsageError` for one that is not there.
    """
    store = runs.store
    if not what:
        return root(store, port) + "/" + page(store) + of_experiment(()).query
    found = runs.summaries()
    if (sweep := sweep_called(runs, what)) and searchable(sweep):
        kept = store.client.get_experiment(store.experiment_id).tags
        return root(store, port) + "/" + view_page(store, best_view(sweep, members_filter(sweep), kept))
    called = [run.id for run in found if run.id.startswith(what) or run.tags[SUMMARY] == sweep]
    if len(called) == 1:
        return address(store, called[0], port)
    try:
        return address(store, run_called(runs, what).id, port)
    except UsageError as error:
        names = ", ".join(run.tags[SUMMARY] for run in found[:20]) or "none"
        raise UsageError([*error.lines, f"or a sweep; found {names}"]) from error

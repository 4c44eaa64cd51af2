"""The result of a run that is stored, as the run gave it."""

from __future__ import annotations

from nnexp.runner.result import Result
from nnexp.tracking.run_store import StoredRun
from nnexp.train.history import History


def stored_result(found: StoredRun, best: bool = False) -> Result:
    """The run's network as it ended, or, if asked, that of its best epoch; and what each epoch has measured.

    Raises `UsageError` if it has left no weights, `DataError` if they were changed.
    """
    from nnexp.tracking.stored_weights import epochs_of, network_of

    history, epochs = History(), epochs_of(found)
    for epoch in epochs:
        history(epoch)
    network, where = network_of(found, best, epochs), found.store.whereabouts(found.id)
    return Result(network, history, "found", found.id, bool(found.pruned_by), found.name, where)

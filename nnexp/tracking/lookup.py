"""Which run, or which sweep, a word of the command line means."""

from __future__ import annotations

from nnexp.errors import UsageError, redacted
from nnexp.tracking.run_store import ID, ID_TYPED, RunStore, StoredRun
from nnexp.tracking.tags import BEST, SUMMARY


def run_called(store: RunStore, run_id: str) -> StoredRun:
    """The run with this id, or the one whose id begins so; `UsageError` if there is none or more than one."""
    matching = store.beginning(run_id) if run_id.isalnum() else []
    if len(matching) == 1:
        return matching[0]
    if not matching and (of := [run for run in store.summaries() if run_id and _is_of(run, run_id)]):
        best = of[0].tags.get(BEST, "")
        advice = f"; its best is {best[:ID_TYPED]}" if ID.fullmatch(best) else ""
        raise UsageError(f"run: got {run_id!r}, which is the sweep {of[0].tags[SUMMARY]}, expected a run{advice}")
    if removed := store.removed(run_id) if run_id.isalnum() else "":
        raise UsageError(removed)
    found = ", ".join(run.id for run in matching[:5]) or "none"
    where = redacted(store.address)
    raise UsageError(f"run: got {run_id!r}, expected the id of one run in {where}, or its beginning; found {found}")


def _is_of(summary: StoredRun, word: str) -> bool:
    """Whether the word is the name of the sweep that it sums up, or begins the summary's own id."""
    return summary.tags[SUMMARY] == word or summary.id.startswith(word)


def sweep_called(store: RunStore, name: str) -> str:
    """The sweep with this name, or the one whose name begins so; empty if there is none, `UsageError` for several."""
    names = list(dict.fromkeys(run.tags[SUMMARY] for run in store.summaries()))
    beginning = [name] if name in names else [each for each in names if name and each.startswith(name)]
    if len(beginning) > 1:
        raise UsageError(f"sweep: got {name!r}, expected the name of one; so begin {', '.join(beginning[:10])}")
    return beginning[0] if beginning else ""

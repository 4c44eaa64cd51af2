"""Copying whole runs from one run store into another, so that twice is the same as once.

The same run in both stores is one: it has the same id, or its copy has the id that it began with as a tag. Of two that
are not alike, the one that is further on brings the other up to date, never the other way round. A copy is marked with
the state of the run that it has, so what is up to date already is told without reading either.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from nnexp.errors import UsageError, redacted
from nnexp.runtime.heartbeat import HEARTBEAT, HOST, PROCESS, this_process
from nnexp.tracking.chosen import VALIDATION
from nnexp.tracking.note_links import relinked
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import BEGUN, COPIED, KEY, NOTE, ORIGIN, SUMMARY, key_tag

OF_STORES = (ORIGIN, COPIED, "mlflow.runName", "mlflow.loggedImages")  # tags that a store gives a run itself
HIGHEST = sys.float_info.max  # what MLflow keeps of infinity

How = Literal["new", "updated", "there", "ahead", "busy", "removed"]


@dataclass(frozen=True)
class Copied:
    """What came of copying a run.

    how: new, or brought up to date; or nothing was written, for it was there already, or the one that is there is
    further on (ahead) or being trained at this moment (busy), or it was removed there. run_id: in the target.
    """

    how: How
    run_id: str = ""


def copy_run(run: StoredRun, target: RunStore) -> Copied:
    """Copy a run, or a sweep's summary, with all that it has; see `copied`, which takes many."""
    if SUMMARY in run.tags:
        there = [each for each in target.summaries() if each.tags[SUMMARY] == run.tags[SUMMARY]]
    else:
        there = [each for each in target.beginning(run.origin) if each.origin == run.origin]
    if not there and target.removed(run.origin):
        return Copied("removed")
    return copied(run, target, there[0] if there else None)


def copied(run: StoredRun, target: RunStore, there: StoredRun | None) -> Copied:
    """Copy a run, of which the target has that copy or none.

    Raises `UsageError` for a run that the target can't take. Cut short anywhere, it is done by the same call again.
    """
    refuse_itself(run, target)
    state, own = state_of(run), own_tags(run.tags)
    if there is not None:
        if is_up_to_date(there, run):
            return Copied("there", there.id)
        if there.alive and not _left_by_us(there) and not _same_process(there, run):
            return Copied("busy", there.id)
        if is_further(there, run):
            return Copied("ahead", there.id)
        if SUMMARY not in own and has_contents_of(there, run):
            target.tag(there.id, own | {COPIED: state})
            return Copied("updated", there.id)
    run_id = target.receive(replace(run, tags=own | {ORIGIN: run.origin}), run.store.contents(run), there, state)
    return Copied("updated" if there else "new", run_id)


def turn(target: RunStore) -> str:
    """The name of the lock that who copies runs into the store holds, while looking for them there, too."""
    return f"sync {target.identity}"


def refuse_itself(run: StoredRun, target: RunStore) -> None:
    """Raise `UsageError` if the target is the store that the run is in."""
    if run.store.identity == target.identity:
        raise UsageError(f"{redacted(target.address)}: holds the runs already that are to be copied into it")


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a run without those that a store gives it."""
    given = {*OF_STORES, key_tag(tags.get(KEY, ""))}
    return {name: text for name, text in tags.items() if name not in given}


def state_of(run: StoredRun) -> str:
    """Which state a run is in, as two hashes: of what it has measured, and of its tags."""
    metrics = {name: max(-HIGHEST, min(value, HIGHEST)) for name, value in run.metrics.items()}
    tags = own_tags(run.tags)
    tags.pop(HEARTBEAT, None)
    if SUMMARY in tags:
        tags[NOTE] = relinked(tags.get(NOTE, ""), {})
    return f"{_hash([run.status, dict(run.params), metrics])} {_hash(tags)}"


def is_up_to_date(there: StoredRun, run: StoredRun) -> bool:
    """Whether the copy is whole, and of the state that the run is in."""
    said = there.tags.get(COPIED, "")
    same = said == state_of(run) or (not said.startswith(BEGUN) and state_of(there) == state_of(run))
    return same and there.status == run.status


def has_contents_of(there: StoredRun, run: StoredRun) -> bool:
    """Whether the copy is whole but for the run's tags."""
    said, content = there.tags.get(COPIED, ""), state_of(run).split()[0]
    whole = not said.startswith(BEGUN) and there.status == run.status
    return whole and content in (said.partition(" ")[0], state_of(there).split()[0])


def _same_process(one: StoredRun, other: StoredRun) -> bool:
    """Whether the same process is, or was, at both: then a copy that says RUNNING is of the run itself."""
    return all(one.tags.get(name) == other.tags.get(name) for name in (HOST, PROCESS))


def is_further(one: StoredRun, other: StoredRun) -> bool:
    """Whether one copy of a run has more of it than the other; of the summaries of a sweep the newer has."""
    if SUMMARY in one.tags:
        return (one.ended or one.started) > (other.ended or other.started)
    if one.finished or other.finished:
        return one.finished and not other.finished
    return (_last_epoch(one), one.has_results) > (_last_epoch(other), other.has_results)


def _left_by_us(there: StoredRun) -> bool:
    """Whether it was this very process that began to copy it, and was cut short."""
    ours = this_process()
    begun = there.tags.get(COPIED, "").startswith(BEGUN)
    return begun and all(there.tags.get(name) == ours[name] for name in (HOST, PROCESS))


def _last_epoch(run: StoredRun) -> int:
    return max(run.store.curves([run.id], [VALIDATION])[VALIDATION][run.id], default=-1)


def _hash(said: object) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]

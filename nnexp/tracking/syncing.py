"""Bringing a run store up to date with many runs: few queries tell what is there already, however many they are."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from nnexp.errors import NnexpError, in_a_line, of_the_disk, redacted
from nnexp.printable import counted
from nnexp.runtime import locks
from nnexp.tracking.copying import Copied, How, copied, copy_run, is_further, refuse_itself, state_of, turn
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import SUMMARY, SWEEP

log = logging.getLogger(__name__)

DIGEST = 12  # hexadecimal digits
NOBODYS = "0" * 32  # an id that no run has
FEW = 20  # runs that are looked up one by one; of more, all that the target has are read at once
SAID: dict[How, str] = {
    "new": "new",
    "updated": "brought up to date",
    "there": "there already",
    "ahead": "further along there",
    "busy": "being trained there",
    "removed": "removed there, and left so",
}


@dataclass
class Synced:
    """What came of many runs. runs, summaries: how many of each kind. failed: what went wrong, a line for each run.

    there: the ids, at their beginning, of the runs of which the target now has as much as there is.
    """

    runs: Counter[How] = field(default_factory=Counter)
    summaries: Counter[How] = field(default_factory=Counter)
    there: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return any(count[how] for count in (self.runs, self.summaries) for how in ("new", "updated"))

    @property
    def lines(self) -> list[str]:
        """`12 runs new, 3 brought up to date, 985 there already`, and the same of sweeps if there are any."""
        lines = [_line(self.runs, "run")]
        return [*lines, _line(self.summaries, "sweep")] if self.summaries.total() else lines


def _line(counts: Counter[How], thing: str) -> str:
    said = [(counts[how], words) for how, words in SAID.items() if counts[how] or how in ("new", "updated", "there")]
    (first, words), *others = said
    return ", ".join([f"{counted(first, thing)} {words}", *(f"{count:,} {each}" for count, each in others)])


def sync(
    runs: Sequence[StoredRun],
    target: RunStore,
    told: Callable[[StoredRun], object] = lambda _: None,
    source: str = "",
) -> Synced:
    """Copy runs, and summaries of sweeps, into the target as far as they are not there already.

    told: is called after each. source: names where they come from, if they are all that is there: the target then
    remembers what it has of it. A run that can't be copied is told and does not stop the others; a store that is gone
    does.
    """
    synced = Synced()
    for run in runs:
        refuse_itself(run, target)
    runs = _once(runs)
    with locks.alone(turn(target), _saying(target)):
        before = target.copied_from(source) if source else {}
        now = digests(runs) if source else {}
        left = [run for run in runs if not source or before.get(_portion(run)) != now[_portion(run)]]
        lacking: set[str] = set()
        synced.there |= {run.origin for run in runs} - {run.origin for run in left}
        for counts, summaries in ((synced.runs, False), (synced.summaries, True)):
            counts["there"] += len(_of(runs, summaries)) - len(_of(left, summaries))
            for run, found in _copies(_of(left, summaries), target):
                if isinstance(found, Copied):
                    counts[found.how] += 1
                    synced.there |= {run.origin} if found.how not in ("busy", "removed") else set()
                else:
                    synced.failed += _failure(run, found)
                if not isinstance(found, Copied) or found.how == "busy":
                    lacking.add(_portion(run))
                told(run)
        if synced.changed:
            target.show(_sweeps(runs))
        if source and left:
            target.has_copied(source, {name: said for name, said in now.items() if name not in lacking})
    return synced


def _once(runs: Iterable[StoredRun]) -> list[StoredRun]:
    """Of runs that are the same, in several stores, the one that is further on."""
    furthest: dict[str, StoredRun] = {}
    for run in runs:
        other = furthest.setdefault(run.origin, run)
        if other is not run and is_further(run, other):
            furthest[run.origin] = run
    return list(furthest.values())


def digests(runs: Iterable[StoredRun]) -> dict[str, str]:
    """What the runs come to, as a hash for each portion of them: a target that has been given the same has them."""
    said: dict[str, list[str]] = {}
    for run in runs:
        said.setdefault(_portion(run), []).append(f"{run.origin} {state_of(run)}")
    return {name: hashlib.sha256("\n".join(sorted(each)).encode()).hexdigest()[:DIGEST] for name, each in said.items()}


def _portion(run: StoredRun) -> str:
    """Which of 256 portions it is in: with a run that is new, only those of its portion have to be looked up."""
    return run.origin[:2]


def _of(runs: Iterable[StoredRun], summaries: bool) -> list[StoredRun]:
    """Those that sum up a sweep, or those that do not, the oldest first."""
    return sorted((run for run in runs if (SUMMARY in run.tags) == summaries), key=lambda run: run.started)


def _copies(runs: Sequence[StoredRun], target: RunStore) -> Iterator[tuple[StoredRun, Copied | Exception]]:
    """What comes of each run, several at once where the target can; a sweep in two stores has a summary in each."""
    if target.at_once == 1 or len(runs) < 2 or SUMMARY in runs[0].tags:
        copy = _copier(runs, target)
        yield from ((run, copy(run)) for run in runs)
        return
    target.load()
    threads = ThreadPoolExecutor(target.at_once)
    try:
        yield from zip(runs, threads.map(_copier(runs, target), runs), strict=True)
    finally:
        threads.shutdown(cancel_futures=True)  # after Ctrl-C, say, none that has not begun is begun


def _copier(runs: Sequence[StoredRun], target: RunStore) -> Callable[[StoredRun], Copied | Exception]:
    """What copies one of these runs."""

    def one_by_one(run: StoredRun) -> Copied:
        return copy_run(run, target)

    def known_all(run: StoredRun) -> Copied:
        there = known.get(run.origin)
        return Copied("removed") if there is None and run.origin in removed else copied(run, target, there)

    copy = one_by_one
    if len(runs) > FEW and SUMMARY not in runs[0].tags:
        known, removed = {run.origin: run for run in target.search()}, target.removed_ids()
        copy = known_all

    def told(run: StoredRun) -> Copied | Exception:
        try:
            return copy(run)
        except NnexpError as error:
            return error
        except Exception as error:  # whatever a target raises of a run that it can't take
            if of_the_disk(error) or _gone(target):
                raise
            return error

    return told


def _gone(target: RunStore) -> bool:
    """Whether the store can't even look for a run."""
    try:
        target.beginning(NOBODYS)
    except Exception:  # each store has its own
        return True
    return False


def _failure(run: StoredRun, error: Exception) -> list[str]:
    """What went wrong with a run, its id first."""
    return error.lines if isinstance(error, NnexpError) else [f"run {run.id}: {in_a_line(error)}"]


def _sweeps(runs: Iterable[StoredRun]) -> list[str]:
    """The sweeps that the runs belong to, in the order in which they were begun."""
    named = [run.tags.get(SWEEP) or run.tags.get(SUMMARY, "") for run in sorted(runs, key=lambda run: run.started)]
    return list(dict.fromkeys(filter(None, named)))


def _saying(target: RunStore) -> Callable[[], None]:
    return lambda: log.info("another process is syncing into %s: waiting for it", redacted(target.address))

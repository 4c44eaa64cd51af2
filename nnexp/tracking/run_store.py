"""The contract of a run store: what every place that remembers runs does, and a run as it comes out of it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nnexp.identity import counts, of_earlier_runs
from nnexp.printable import visible
from nnexp.runtime.heartbeat import HOST, is_alive
from nnexp.tracking.contents import Contents
from nnexp.tracking.params import from_text
from nnexp.tracking.recording import Record, Recorder, SweepSummary
from nnexp.tracking.tags import KEY, ORIGIN, PINNED, PRUNED
from nnexp.tracking.trial import Trial
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.nn.examples import Examples
    from nnexp.nn.network import Network

STARTED = "started"  # the column of `run_facts.facts` that says when a run was started
ID = re.compile(r"[0-9a-f]{32}")  # of a run, in every store
ID_TYPED = 8  # digits of it, which are enough to type
CHECKPOINTS = "checkpoints"  # the folder among a run's files that holds those that were uploaded

Curves = dict[str, dict[int, float]]  # by run, then by epoch


class RunStore(ABC):
    """The runs of one experiment in one place.

    address: of the place, as a user gives it; it may hold a password. identity: tells the experiment from all others on
    this machine. filters: whether `search` takes conditions. at_once: how many runs it receives at the same time.
    """

    address: str
    identity: str
    filters: ClassVar[bool]
    at_once: int = 1
    plain: ClassVar[bool] = False  # whether it keeps runs in plain files itself

    def load(self) -> None:  # noqa: B027  # most have nothing to import
        """Import what `receive` needs: done by several threads at once, imports in a circle fail."""

    def find(self, key: str) -> StoredRun | None:
        """The run with this key: a finished one before others, then the newest."""
        return self.find_all([key]).get(key)

    @abstractmethod
    def find_all(self, keys: Sequence[str]) -> dict[str, StoredRun]:
        """The runs with these keys, by key, as `find` gives each; those that there are."""

    @abstractmethod
    def search(self, condition: str = "", status: str = "") -> list[StoredRun]:
        """The runs that meet the condition, in the store's words, the newest first; no summaries of sweeps.

        status: that they must have, if any. Raises `UsageError` for a condition that it can't read.
        """

    def highest(self, column: str, most: int, condition: str = "") -> list[StoredRun] | None:
        """As `search`, the first so many by a metric or `STARTED`, highest first; None where all have to be read."""
        return None

    @abstractmethod
    def members(self, sweep: str) -> list[StoredRun]:
        """All runs of the sweep; none if there is no such sweep."""

    @abstractmethod
    def beginning(self, run_id: str) -> list[StoredRun]:
        """The runs whose id begins so, or else copies of such runs: letters and digits; no summaries of sweeps."""

    @abstractmethod
    def removed(self, run_id: str) -> str:
        """That the run whose id begins so is removed, and how to bring it back; empty if there is none."""

    @abstractmethod
    def summaries(self) -> list[StoredRun]:
        """The summaries of sweeps, the newest first, one for each sweep."""

    @abstractmethod
    def curves(self, run_ids: Sequence[str], metrics: Sequence[str]) -> dict[str, Curves]:
        """Each metric's value by epoch, in order, for each of the runs; NaN is left out."""

    def expect(self, network: Network, examples: Examples) -> None:  # noqa: B027  # a store may need nothing
        """Do what the first run of such a network would have to do, so that forks of this process need not."""

    @abstractmethod
    def recorder(self, record: Record, run: StoredRun | None) -> Recorder:
        """The listener that writes a new run, or goes on with this one."""

    @abstractmethod
    def sweep_summary(self, sweep: str) -> SweepSummary:
        """The summary of the sweep with this name: the one that is there already, or a new one."""

    @abstractmethod
    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Give the run these tags too."""

    @abstractmethod
    def trial(self) -> AbstractContextManager[Trial]:
        """Something small that can be written, to see whether it can be; it is gone when the block ends."""

    @abstractmethod
    def set_status(self, run_id: str, status: Status) -> None:
        """Give the run the status that its process could not."""

    @abstractmethod
    def remove(self, run_id: str) -> bool:
        """Take the run out, so that it can be brought back; whether it was, for what is not nnexp's own stays."""

    @abstractmethod
    def artifact(self, run: StoredRun, path: str) -> AbstractContextManager[Path]:
        """One of the run's files, or a folder, to read while the block lasts; `UsageError` if it is not there."""

    @abstractmethod
    def has_artifact(self, run_id: str, path: str) -> bool:
        """Whether the run has that file."""

    @abstractmethod
    def files_of(self, run_id: str) -> str:
        """Where the run's files are."""

    @abstractmethod
    def model(self, run: StoredRun) -> AbstractContextManager[Path] | None:
        """The file of weights in the model that the run has logged; None in a store that has no models."""

    @abstractmethod
    def contents(self, run: StoredRun) -> Contents:
        """All that there is of the run, or a sweep's summary, for another store to receive."""

    @abstractmethod
    def receive(self, run: StoredRun, contents: Contents, known: StoredRun | None, state: str) -> str:
        """Take in a whole run of another store, or bring the known copy up to date; gives the id that it has here.

        run: with no tags but its own, and `ORIGIN`. state: that it is copied in, for the tag `COPIED`.
        Until all is there the copy says RUNNING, and that this process is at it. What is there is not written again.
        """

    def show(self, sweeps: Sequence[str]) -> None:  # noqa: B027  # a store may have nothing to look at
        """Bring what is to be looked at up to date, when runs were received: those of these sweeps, and others."""

    def copied_from(self, source: str) -> Mapping[str, str]:
        """What `has_copied` was told last of this source; nothing in a store that looks its runs up at no cost."""
        return {}

    def has_copied(self, source: str, digests: Mapping[str, str]) -> None:  # noqa: B027  # see above
        """Remember what was copied from a source, for it to be told at once."""

    @abstractmethod
    def removed_ids(self) -> set[str]:
        """The ids, now or where they were copied from, of the runs that were removed."""

    @abstractmethod
    def whereabouts(self, run_id: str) -> list[str]:
        """The run's id, and how to look at it, a line each."""

    @abstractmethod
    def experiments(self) -> list[str]:
        """The names of all experiments in the same place."""

    @abstractmethod
    def other(self, experiment: str) -> RunStore:
        """The runs of one of those."""


@dataclass(frozen=True)
class StoredRun:
    """A run as its store has it.

    status: FINISHED, FAILED, KILLED or RUNNING. started, ended: unix time. tags, params: text by name. metrics: the
    last value of each. test_examples: 0 if that is not known. dataset: what it was trained on, see `dataset_facts`.
    """

    store: RunStore
    id: str
    name: str
    status: str
    started: float
    ended: float | None
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    test_examples: int = 0
    dataset: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The id that it began with, which a server that it was copied to may have changed."""
        return said if ID.fullmatch(said := self.tags.get(ORIGIN, "")) else self.id

    @property
    def settings(self) -> dict[str, Any]:
        """Those of its settings that can change its numbers, by name; also those that came after it, as it had them."""
        counted = {name: text for name, text in self.params.items() if counts(name)}
        said = {visible(name): from_text(visible(text)) for name, text in counted.items()}
        return of_earlier_runs(said) | said if self.ours else said

    @property
    def finished(self) -> bool:
        """Whether it is over, and nothing of it is left to do."""
        return self.status == "FINISHED" and not self.pruned_by

    @property
    def pruned_by(self) -> str:
        """The study that has ended it, with all that a finished run has; it can go on. Empty if none has."""
        return self.tags.get(PRUNED, "") if self.status == "FINISHED" else ""

    @property
    def has_results(self) -> bool:
        """Whether it has ended with its files complete."""
        return self.status == "FINISHED"

    @property
    def state(self) -> str:
        """Its status, or what that does not say: DEAD, PRUNED."""
        return "DEAD" if self.dead else "PRUNED" if self.pruned_by else self.status

    @property
    def alive(self) -> bool:
        """Whether a process is training it at this moment."""
        return self.status == "RUNNING" and is_alive(self.tags)

    @property
    def dead(self) -> bool:
        """Whether it says RUNNING and no process is training it; of a run that is not nnexp's nobody can tell."""
        return self.status == "RUNNING" and self.ours and not is_alive(self.tags)

    @property
    def ours(self) -> bool:
        """Whether nnexp has made it: an experiment may hold runs of other programs."""
        return KEY in self.tags or HOST in self.tags

    @property
    def pinned(self) -> bool:
        """Whether its user has tagged it to stay."""
        return PINNED in self.tags

    def artifact(self, path: str) -> AbstractContextManager[Path]:
        """One of its files, or a folder, to read while the block lasts; `UsageError` if it is not there."""
        return self.store.artifact(self, path)

    def has_artifact(self, path: str) -> bool:
        """Whether it has that file."""
        return self.store.has_artifact(self.id, path)

"""What is written into a run store: of a run while it is trained, and of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nnexp.train.events import Event, Status


@dataclass(frozen=True)
class Record:
    """What a recorder is told of a run beside its events.

    name: what the run is called. params: every setting. tags: where it comes from. folder: of its own; those of
    `files`, names of files and folders, that are in it at the end are stored. images: of the folder in it that holds
    images over time, NAME/STEP.png, if there are any. held: keeps signals waiting while something must not be torn.
    """

    name: str
    params: dict[str, Any]
    tags: dict[str, str]
    folder: Path
    files: Sequence[str]
    images: str
    held: Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Results:
    """What a summary says: a markdown text, files by name, counts by name, and the best run's id, if there is one.

    verdict: the sweep's result in a line. report_of: what the report is made of that is among the files, or is there
    already and stays; empty if there is to be none.
    """

    text: str
    files: Mapping[str, str | bytes]
    counts: Mapping[str, int]
    best: str
    verdict: str = ""
    report_of: str = ""


class Recorder(Protocol):
    """A listener that keeps one stored run up to date: a new one, or one that goes on.

    Everything is written so that writing it again changes nothing: a run that was cut short anywhere goes on with no
    epoch missing and none double.
    """

    def __call__(self, event: Event) -> None:
        """Take in an event; the end raises `NotRemembered` if the run could not be stored completely."""

    @property
    def run_id(self) -> str:
        """The store's id of the run; empty before it has started."""

    def keep(self, file: Path) -> None:
        """Store a checkpoint, and the log so far; the checkpoint before it stays, those before go."""


class SweepSummary(Protocol):
    """What a store holds of a sweep as a whole, beside its runs."""

    @property
    def id(self) -> str:
        """The store's id of it."""

    @property
    def report_of(self) -> str:
        """What the report that is there was made of, as `Results` said; empty if there is none."""

    def begin(self, over: Sequence[str], more: bool) -> None:
        """Say that the sweep is under way.

        over: what the sweep goes over. more: whether it trains anything, which puts an earlier report out of date.
        """

    def end(self, status: Status, results: Results, over: Sequence[str]) -> None:
        """Write the results, in place of earlier ones, and how the sweep has ended. over: what it goes over."""

    def addresses(self, over: Sequence[str]) -> dict[str, str]:
        """Where to look at the sweep, by what is to be seen there."""

    def pages(self, over: Sequence[str]) -> dict[str, str]:
        """Those beside the summary, as its text links to them."""

    def page_of(self, file: str) -> str:
        """How the summary's text links to one of its files."""

    def picture_of(self, file: str) -> str:
        """How the summary's text shows one of its pictures."""

    def place_of(self, file: str) -> str:
        """Where one of its files can be opened: a path, or an address."""

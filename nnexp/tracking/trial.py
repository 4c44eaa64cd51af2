"""The contract of a trial: what is written into a run store to see whether it can be, and how long it takes."""

from __future__ import annotations

from typing import Protocol

TRIAL = "nnexp.doctor"  # a tag of what a trial has written, and the owner of its folder


class Trial(Protocol):
    """Something small in a run store that is written, read, and taken out again when the trial is over."""

    def write(self, number: int) -> None:
        """One write as after an epoch: a value of a metric."""

    def file(self, text: str) -> str:
        """What is read of a file into which the text was written."""

    def clock(self) -> float:
        """What time it is where the store is, in unix time; a whole second may be all it tells."""

    def version(self) -> str:
        """Of MLflow there, if there is a server that says so; else empty."""

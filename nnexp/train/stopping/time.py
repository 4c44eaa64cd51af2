"""Stop when training has taken long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnexp.component import number, setting
from nnexp.train.events import EpochDone
from nnexp.train.stopping.base import Stopping


@dataclass
class Time(Stopping):
    """Stop after the epoch in which `seconds` of training are over: how many epochs that are depends on the machine.

    What counts is the `epoch_seconds` of the history: training and evaluation, without monitors and pictures, and
    without the time in which a run that goes on was not there.
    """

    kind: str = "time"
    seconds: float = setting(
        60.0,
        help="of all epochs together; on a faster machine, or one with less to do, the same command trains longer",
        rule=number(above=0),
    )

    def reason(self, history: Sequence[EpochDone]) -> str:
        spent = sum(each.metrics.get("epoch_seconds", 0.0) for each in history)
        return f"{spent:.1f} s of training, and there were to be {self.seconds:g} s" if spent >= self.seconds else ""

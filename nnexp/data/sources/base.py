"""Where a data set comes from: the contract of every choice of `data`, and what the files of a user's own share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component, number, or_none, whole
from nnexp.data.dataset import Dataset

VALIDATION = "how many examples at the end of the training part are held out for validation; null: a sixth"
CLASSES = "how many classes there are, to be checked; null: the highest training label, plus 1"
MAX_GB = "what a file may unpack to, in GB; null: 4"

HELD_OUT = or_none(whole(1))
AT_LEAST_TWO = or_none(whole(2))
LIMIT = or_none(number(above=0))


@dataclass
class Source(Component):
    """What gives a run its examples.

    known: (values of an example, classes), where that is certain before anything is read.
    """

    group = "data"

    known: ClassVar[tuple[int, int] | None] = None

    @abstractmethod
    def load(self) -> Dataset:
        """Read and check everything; raises `DataError` naming the file, what was found and what was expected."""

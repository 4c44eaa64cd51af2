"""Where a data set comes from: the contract of every choice of `data`, and the checks they share."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from nnexp.component import Component
from nnexp.data.dataset import Dataset


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


def limit_problems(max_gb: float | None) -> list[str]:
    """What is wrong with the setting of how much a file may unpack to; None is as much as usual."""
    if max_gb is None or 0 < max_gb < math.inf:
        return []
    return [f"data.max_gb: got {max_gb}, expected a number > 0"]


def place_problems(field: str, value: str, expected: str) -> list[str]:
    """What is wrong with the setting of a file or a folder, which may not be empty."""
    return [] if value.strip() else [f"data.{field}: got {value!r}, expected {expected}"]


def split_problems(validation: int | None, classes: int | None) -> list[str]:
    """What is wrong with the number of examples held out, and the number of classes; None is left to the data."""
    problems = []
    if validation is not None and validation < 1:
        problems.append(f"data.validation: got {validation}, expected a whole number >= 1")
    return problems + class_problems(classes)


def class_problems(classes: int | None) -> list[str]:
    """What is wrong with the number of classes."""
    if classes is None or classes > 1:
        return []
    return [f"data.classes: got {classes}, expected a whole number >= 2"]

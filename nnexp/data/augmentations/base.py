"""Augmentations: training images that are changed anew for each epoch, so that a network never sees one twice."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.component import Component
from nnexp.nn.arrays import Array

PIXELS_AT_ONCE = 25_000  # a few arrays of so many numbers stay in a cache; what comes out does not depend on it


@dataclass
class Augmentation(Component):
    """How an epoch's images are made of those that were read.

    changes: whether there is anything to make.
    """

    group = "augment"
    changes: ClassVar[bool] = True

    def misfits(self, height: int, width: int) -> list[str]:
        """What is wrong with its settings for images of this size, a line each."""
        return []

    @abstractmethod
    def draws(self, height: int, width: int) -> int:
        """How many random numbers an image of this size takes."""

    @abstractmethod
    def changed(self, images: Array, drawn: Array) -> Array:
        """The images `(n, height, width, colours)` changed, as an array of the same shape and dtype.

        drawn: `(n, draws)` float32, evenly distributed from 0 to 1, those of an image in its row.
        """

    def epoch(
        self,
        images: Array,
        rng: np.random.Generator,
        out: Array,
        given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """Write an epoch's images, all `(n, height, width, colours)`, into `out`: a function of the generator's seed.

        given_up: whether nobody wants them any more; asked often.
        """
        n, height, width = images.shape[:3]
        draws, at_once = self.draws(height, width), max(1, PIXELS_AT_ONCE // (height * width))
        for start in range(0, n, at_once):
            if given_up():
                return
            part = images[start : start + at_once]
            out[start : start + at_once] = self.changed(part, rng.random((len(part), draws), np.float32))

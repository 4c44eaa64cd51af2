"""No augmentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nnexp.data.augmentations.base import Augmentation
from nnexp.nn.arrays import Array


@dataclass
class NoAugmentation(Augmentation):
    """The training examples as they were read, in every epoch."""

    kind: str = "none"
    changes: ClassVar[bool] = False

    def draws(self, height: int, width: int) -> int:
        return 0

    def changed(self, images: Array, drawn: Array) -> Array:
        return images

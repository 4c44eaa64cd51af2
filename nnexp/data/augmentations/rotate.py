"""Images turned by a random angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.data.augmentations.base import Augmentation
from nnexp.data.warping import turned, warped
from nnexp.nn.arrays import Array


@dataclass
class Rotate(Augmentation):
    """Each image turned around its middle by a random angle; what comes in from outside is 0."""

    kind: str = "rotate"
    degrees: float = setting(
        15.0, help="the largest angle, either way; all up to it are equally likely", rule=number(above=0, below=360)
    )

    def draws(self, height: int, width: int) -> int:
        return 1

    def changed(self, images: Array, drawn: Array) -> Array:
        height, width = images.shape[1:3]
        return warped(images, turned(np.deg2rad(self.degrees) * (2 * drawn[:, 0] - 1), height, width))

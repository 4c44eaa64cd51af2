"""Images distorted as if written by a shaking hand on rubber."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnexp.component import number, setting
from nnexp.data.augmentations.base import Augmentation
from nnexp.data.warping import turned, warped
from nnexp.formats import number as number_text
from nnexp.nn.arrays import Array


@dataclass
class Elastic(Augmentation):
    """Each pixel moved by a random field that is smooth, and each image turned a little, if asked for.

    A field is drawn for each image, evenly from -1 to 1 for each pixel and direction, smoothed by a Gaussian and
    multiplied. Its defaults are the paper's best; they move a pixel in the middle by 1.4 pixels, root mean square.
    Source: Simard, Steinkraus, Platt 2003, "Best practices for convolutional neural networks applied to visual document
    analysis", section 2.
    """

    kind: str = "elastic"
    alpha: float = setting(34.0, help="what the smoothed field is multiplied by", rule=number(above=0))
    sigma: float = setting(4.0, help="of the Gaussian that smooths it, in pixels", rule=number(above=0))
    degrees: float = setting(
        0.0, help="the largest angle that an image is also turned by, either way", rule=number(least=0, below=360)
    )

    def misfits(self, height: int, width: int) -> list[str]:
        side = min(height, width)
        if self.sigma >= side:
            return [f"augment.sigma: got {number_text(self.sigma)}, expected less than {side}, the side of an image"]
        rows, columns = (smoothing(n, self.sigma)[n // 2] for n in (height, width))
        moved = self.alpha * float(np.linalg.norm(rows) * np.linalg.norm(columns)) / np.sqrt(3)  # root mean square
        if moved < side:
            return []
        far = f"which moves a pixel by {moved:.3g} pixels with sigma={number_text(self.sigma)}"
        return [f"augment.alpha: got {number_text(self.alpha)}, {far}, expected less than {side}, the side of an image"]

    def draws(self, height: int, width: int) -> int:
        return 2 * height * width + 1

    def changed(self, images: Array, drawn: Array) -> Array:
        height, width = images.shape[1:3]
        noise = drawn[:, :-1].reshape(-1, 2, height, width) * 2 - 1
        field = (smoothing(height, self.sigma) * np.float32(self.alpha)) @ noise @ smoothing(width, self.sigma).T
        if self.degrees:
            field += turned(np.deg2rad(self.degrees) * (2 * drawn[:, -1] - 1), height, width)
        return warped(images, field)


@lru_cache
def smoothing(n: int, sigma: float) -> Array:
    """`(n, n)` float32: times n values it gives those that a Gaussian has smoothed, with 0 beyond both ends.

    It ends four standard deviations away, as scipy's does.
    """
    reach = int(4 * sigma + 0.5)
    away = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (away / sigma) ** 2)
    distance = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    near = np.append(weights[reach:], 0) / weights.sum()
    matrix: Array = near[np.minimum(distance, reach + 1)].astype(np.float32)
    matrix.flags.writeable = False
    return matrix

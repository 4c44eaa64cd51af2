"""A trained network, and images for it to read."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnexp.nn.network import Network
from nnexp.predict.answers import answers
from nnexp.predict.images import Image
from nnexp.predict.preparation import Preparation

TESTED = 1000  # images


def bar(canvas: tuple[int, int], top: int, left: int, height: int, width: int) -> Any:
    """White, with a black rectangle."""
    grey = np.full(canvas, 255, np.uint8)
    grey[top : top + height, left : left + width] = 0
    return grey


def accuracy(network: Network, images: Any, labels: Any, preparation: Preparation | None) -> float:
    found = answers(network, [Image(str(i), image) for i, image in enumerate(images)], preparation)
    return float(np.mean([answer.ranked[0] == label for answer, label in zip(found, labels, strict=True)]))

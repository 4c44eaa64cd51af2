"""What a network makes of images: what it saw, what each unit did, and how probable each label is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.data.dataset import PIXEL
from nnexp.errors import DataError
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.predict.images import Image
from nnexp.predict.preparation import Preparation


@dataclass(frozen=True)
class Answer:
    """What a network predicts for one image.

    saw: the image as it was fed. outputs: of the ten units, each between 0 and 1. probabilities: of the labels.
    """

    name: str
    saw: Array
    outputs: Array
    probabilities: Array

    @property
    def ranked(self) -> list[int]:
        """The labels, the most probable first."""
        return [int(label) for label in np.argsort(-self.outputs, kind="stable")]


def probabilities(outputs: Array) -> Array:
    """Each output's share of the sum of all: `(n, labels)`, rows that add up to 1.

    A sigmoid output is trained towards P(this label | image) by itself, so ten of them need not add up to 1. Divided
    by their sum they do, and are nearer to how often the label is right: on MNIST's test images, with 784-100-10, they
    are off by 0.7 % on average, the bare outputs by 1.0 %. Where all are 0 each label is as probable as any other.
    """
    total = outputs.sum(axis=-1, keepdims=True)
    even = np.full_like(outputs, 1 / outputs.shape[-1])
    np.divide(outputs, total, out=even, where=total > 0)
    return even


def answers(network: Network, images: Sequence[Image], preparation: Preparation | None) -> list[Answer]:
    """What the network predicts for each image, made ready by `preparation`, or as it is with None.

    Raises `DataError`, naming the image, for one that is blank, or that has not as many pixels as the network inputs.
    """
    if not images:
        return []
    saw = [_seen(image, preparation, network.sizes[0]) for image in images]
    outputs = network.outputs(as_inputs(saw, network))
    named = zip(images, saw, outputs, probabilities(outputs), strict=True)
    return [Answer(image.name, seen, output, share) for image, seen, output, share in named]


def as_inputs(saw: Sequence[Array], network: Network) -> Examples:
    """Images as the network is fed with them: uint8 pixels are divided by 256, as in training, floats are left."""
    rows = [_scaled(image).ravel() for image in saw]
    return Examples(np.array(rows, network.dtype), np.zeros(len(rows), int))


def _scaled(image: Array) -> Array:
    return image * PIXEL if image.dtype == np.uint8 else image


def _seen(image: Image, preparation: Preparation | None, n_inputs: int) -> Array:
    if preparation is None:
        if image.grey.size != n_inputs:
            height, width = image.grey.shape
            raise DataError(
                f"{image.name}: is {width} x {height} pixels, expected {n_inputs}, as the network has inputs"
            )
        return image.grey
    try:
        return preparation(image.grey)
    except DataError as error:
        raise type(error)(f"{image.name}: {error}") from None

"""The training examples of each epoch, those of the next one made while this one trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import numpy as np

from nnexp.data.augmentations.base import Augmentation
from nnexp.data.dataset import Dataset
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples


@contextmanager
def epoch_examples(
    augmentation: Augmentation, dataset: Dataset, seed: int, last: int
) -> Iterator[Callable[[int], Examples]]:
    """While it lasts, what gives an epoch's training examples: a function of seed and epoch, counted from 1, alone.

    What it gives is valid until it is called again. last: the epoch after which none follows. When it ends, by an error
    too, nothing is being made any more.
    """
    if not augmentation.changes:
        yield lambda _: dataset.train
        return
    examples = _Augmented(augmentation, dataset, seed, last)
    try:
        yield examples
    finally:
        examples.give_up()


class _Augmented:
    """Gives an epoch's training examples, and has a thread make those of the next.

    A thread and no process: numpy and the compiled loop compute side by side.
    """

    def __init__(self, augmentation: Augmentation, dataset: Dataset, seed: int, last: int) -> None:
        self._augmentation, self._seed, self._last = augmentation, seed, last
        self._train = dataset.train
        height, width, *colours = dataset.shape
        self._images = dataset.train.x.reshape(-1, height, width, *(colours or [1]))
        self._memory: list[Array] = []  # of this epoch; that of the next is being filled
        self._making: _Making | None = None

    def __call__(self, epoch: int) -> Examples:
        images = (self._making or self._begin(epoch)).result()
        self._making = None
        if epoch < self._last:
            self._begin(epoch + 1)
        self._memory.append(images)
        return Examples(images.reshape(self._train.x.shape), self._train.y, self._train.scale)

    def give_up(self) -> None:
        """Wait until nothing is being made any more, which is soon."""
        if self._making:
            self._making.give_up()

    def _begin(self, epoch: int) -> _Making:
        out = self._memory.pop() if self._memory else np.empty_like(self._images)
        rng = np.random.default_rng([self._seed, 3, epoch])
        self._making = _Making(self._augmentation, self._images, rng, out)
        self._making.start()  # when it has a name, so that it is given up in whatever instant Ctrl-C comes
        return self._making


class _Making(Thread):
    """Makes an epoch's images."""

    def __init__(self, augmentation: Augmentation, images: Array, rng: np.random.Generator, out: Array) -> None:
        super().__init__(name="images of the next epoch", daemon=True)
        self._work = augmentation, images, rng, out
        self._given_up = False
        self._error: BaseException | None = None

    def run(self) -> None:
        augmentation, images, rng, out = self._work
        try:
            augmentation.epoch(images, rng, out, lambda: self._given_up)
        except BaseException as error:  # it is raised in the thread that trains
            self._error = error

    def result(self) -> Array:
        """The images, as soon as they are made."""
        self.join()
        if self._error:
            raise self._error
        return self._work[-1]

    def give_up(self) -> None:
        """Let it end, and wait for it."""
        self._given_up = True
        if self.is_alive():
            self.join()

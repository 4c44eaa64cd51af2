"""How much memory a run needs, known before it begins, for the kernel kills without a word.

It is counted from what it allocates: data, weights and their copies, and the rows that go through the
layers together. What the libraries need was measured: the resident memory of runs of a tiny network.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.nn.dropout import FACTORS_AT_ONCE, Dropout, rates_of
from nnexp.nn.minibatches import BLOCK_BYTES
from nnexp.runtime.memory import MB
from nnexp.train.measuring import SAMPLE

WHILE_TRAINING = {False: 75 * MB, True: 230 * MB}  # of libraries: Python, numpy, Hydra; with MLflow and SQLAlchemy
AT_THE_END = {False: 115 * MB, True: 295 * MB}  # with Pillow; with what saves a model
COMPILER = 150 * MB  # numba and LLVM; 185 in the one run that compiles, 110 in those that read what is kept
EVALUATED_AT_ONCE = 1000  # see nnexp.nn.engines.numpy, which is not imported here for BLAS takes long
DRAWN = 8  # bytes: first weights are drawn in float64


def footprint(
    sizes: Sequence[int],
    mini_batch_size: int,
    dtype: str,
    dataset: Dataset,
    *,
    monitor: Sequence[str] = (),
    dropout: float | Sequence[float] = 0,
    kept: int = 0,
    scratch: int = 0,
    drawing: int = 0,
    tracked: bool = True,
    checkpoints: bool = True,
    compiled: bool = False,
    augmented: bool = False,
    train_size: int | None = None,
) -> int:
    """The highest memory, in bytes, that the process of such a run will hold, libraries included.

    kept: how many numbers the optimiser keeps for each weight, and an average. scratch: how many more a step by
    numpy's calls needs. drawing: how many more their drawing needs.
    tracked: whether MLflow remembers the run. checkpoints: whether it has any. compiled: whether the compiled engine
    trains. augmented: whether an epoch's inputs are made, while those of the last one are there. train_size: how many
    examples are copied out of all, if not all are used.
    """
    size = np.dtype(dtype).itemsize
    layers = [x * y for x, y in pairwise(sizes)]
    weights, units = size * sum(layers), sum(sizes[1:])
    drawn = DRAWN * (sum(layers) + drawing * max(layers)) + weights
    training = 3 * units * size * mini_batch_size  # activations, errors, derivatives
    training += (1 + size) * max(BLOCK_BYTES // size, mini_batch_size * sizes[0]) + max(layers)  # and which are finite
    training += (min(scratch, 1) if compiled else scratch) * weights  # compiled code keeps no more than a gradient
    left_out = Dropout(sizes, rates_of(dropout, len(sizes))).width  # factors, of 16 random bits and a yes or no
    training += left_out and (3 + 2 * size) * max(FACTORS_AT_ONCE, mini_batch_size * left_out)
    parts = (dataset.validation, dataset.test, *([dataset.train] if "training_accuracy" in monitor else []))
    judged = max(map(len, parts))
    evaluating = size * (min(judged, EVALUATED_AT_ONCE) * (units + sizes[0]) + 2 * judged * sizes[-1])
    monitoring = 3 * SAMPLE * units * size + weights + DRAWN * max(layers)  # a gradient, a layer of it in float64
    monitoring += (2 + 2 * kept) * weights if "updates" in monitor else 0  # a copy of the network that makes a step
    last = (1 + kept) * weights if checkpoints else 0  # the last epoch, until a checkpoint has it
    at_work = (2 + kept) * weights + last  # the network and its best epoch
    at_work += COMPILER + (1 + kept) * weights if compiled else 0  # and the compiled loop's copy
    at_work += max(training, evaluating, monitoring if monitor else 0)
    better = (3 + kept) * weights + last  # the copy of a better epoch is made before the last one is gone
    begun = WHILE_TRAINING[tracked] + max(drawn, at_work, better)
    ended = AT_THE_END[tracked] + (2 + kept) * weights + evaluating
    used = (train_size or len(dataset.train)) * int(dataset.train.x[0].nbytes)
    made = used * (2 * augmented + (train_size is not None))
    return data_bytes(dataset) + made + max(begun, ended)


def data_bytes(dataset: Dataset) -> int:
    """What the examples take, and their targets while training: a byte for each class."""
    parts = (dataset.train, dataset.validation, dataset.test)
    return sum(part.x.nbytes + part.y.nbytes for part in parts) + len(dataset.train) * dataset.classes

"""A learning-rate range test: what the cost does while the rate grows, and which rate that suggests.

The network trains on while its rate grows geometrically: too small a rate changes nothing, a good one makes the cost
fall, too large a one makes it rise again. Source: Smith, "Cyclical learning rates for training neural networks" (2017).
Suggested is a share of the rate at which the cost is lowest, as fastai's `lr_find` has it: where it falls most steeply,
which is known too, is a matter of noise. In 10 settings on MNIST (sigmoid and relu; sgd, momentum, adam, rmsprop,
adagrad), a fifth lay within a factor of 2.4 of the best of rates three times as large as the one before, after 8
epochs, but for adagrad (3.4 times it); with mini-batches of 100, adam's was 4.8 times it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnexp.errors import UsageError
from nnexp.nn.arrays import Array
from nnexp.nn.dropout import Dropout, rates_of
from nnexp.nn.examples import Examples
from nnexp.nn.network import Network
from nnexp.train.trainer import epoch_order

BLOCKS = 100  # of steps, each with one rate: a tenth of a decade or less from one to the next
FEWEST = 10  # steps of a block, or a small data set's epoch is over before anything has been learnt
AROUND = 2  # blocks on either side that a smoothed cost is the mean of
RISEN = 1.5  # times its lowest: so much higher the smoothed cost has left the rates that train
ENOUGH = 4.0  # times its lowest: nothing comes after that
SHARE = 0.2  # of the rate at which the smoothed cost is lowest
FALLEN = 0.95  # of its first: a smoothed cost that has not come so low has not fallen, but varied


@dataclass(frozen=True)
class RangeTest:
    """What was seen. rates: of each block of steps. costs: the mean cost of an example in it, penalty included.

    steps: in all. exploded: whether the test ended before the last rate, for the cost was far too high, or not finite.
    """

    rates: Sequence[float]
    costs: Sequence[float]
    steps: int
    exploded: bool

    @property
    def smoothed(self) -> Array:
        """Each block's cost and those around it, their geometric mean: costs differ by orders of magnitude."""
        logarithms = np.log(np.maximum(self.costs, np.finfo(float).tiny))
        ends = [(max(0, at - AROUND), at + AROUND + 1) for at in range(len(logarithms))]
        return np.exp([logarithms[low:high].mean() for low, high in ends])

    @property
    def lowest(self) -> int:
        """Which block has the lowest smoothed cost."""
        return int(self.smoothed.argmin())

    @property
    def risen_at(self) -> float | None:
        """The rate at which the smoothed cost has risen to half as much again as its lowest; None if it has not."""
        after = np.flatnonzero(self.smoothed[self.lowest :] > RISEN * self.smoothed[self.lowest])
        if after.size:
            return self.rates[self.lowest + int(after[0])]
        return self.rates[-1] if self.exploded else None

    @property
    def suggested(self) -> float | None:
        """A fifth of the rate with the lowest smoothed cost, in two digits; None if it has not fallen, or not risen."""
        if self.risen_at is None or self.smoothed[self.lowest] > FALLEN * self.smoothed[0]:
            return None
        return float(f"{SHARE * self.rates[self.lowest]:.1e}")

    @property
    def end(self) -> str:
        """Where and why it ended before the last rate; empty if it did not."""
        if not self.exploded:
            return ""
        finite = np.isfinite(self.costs[-1]) and self.smoothed[-1] > ENOUGH * self.smoothed[self.lowest]
        why = f"the cost is more than {ENOUGH:g} times its lowest" if finite else "a number is not finite any more"
        return f"ended at {self.rates[-1]:.2g}, where {why}"


def range_test(
    network: Network,
    examples: Examples,
    m: int,
    seed: int,
    low: float,
    high: float,
    steps: int | None = None,
    dropout: float | Sequence[float] = 0.0,
) -> RangeTest:
    """Train the network, which changes it, in mini-batches of m while the rate grows from low to high.

    steps: mini-batches in all; by default as many as an epoch has, and ten for each rate at least. seed: of the order
    of examples, and of dropout. Raises `UsageError` if the first rate is too high already.
    """
    steps = max(len(examples) // m, FEWEST * BLOCKS) if steps is None else steps
    order = np.concatenate(list(_orders(seed, len(examples), m, steps)))
    ends = np.linspace(0, steps, min(BLOCKS, steps) + 1).round().astype(int) * m
    rates = np.geomspace(low, high, len(ends) - 1).tolist()
    factors = Dropout(network.sizes, rates_of(dropout, network.num_layers), [seed, 2, 1])
    costs: list[float] = []
    exploded = False
    for rate, start, stop in zip(rates, ends[:-1], ends[1:], strict=True):
        try:
            costs.append(network.train_epoch(examples, order[start:stop], m, rate, factors))
        except FloatingPointError:
            exploded = True
            break
        seen = RangeTest(rates[: len(costs)], costs, int(stop) // m, exploded=False)
        if exploded := bool(seen.smoothed[-1] > ENOUGH * seen.smoothed[seen.lowest]) or not np.isfinite(costs[-1]):
            break
    if not costs:
        raise UsageError(f"--from: got {low:g}, at which training leaves the finite numbers at once, expected less")
    return RangeTest(rates[: len(costs)], costs, int(ends[len(costs)]) // m, exploded)


def _orders(seed: int, n: int, m: int, steps: int) -> Iterator[Array]:
    """The order of the examples of so many steps, epoch after epoch, each without the smaller mini-batch at its end."""
    for epoch, start in enumerate(range(0, steps, n // m), start=1):
        yield epoch_order(seed, epoch, n)[: min(n // m, steps - start) * m]

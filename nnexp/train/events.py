"""What happens in a run, as values: it starts, an epoch ends, it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the configuration knows these events, and has no use for BLAS
    from nnexp.data.dataset import Dataset
    from nnexp.nn.arrays import Array
    from nnexp.nn.network import Network

Status = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class Started:
    """Training is about to begin, or to go on.

    network: with its first weights, or those of the last of the epochs that are past already.
    epochs: how many there are to be in all, unless a rule stops them.
    """

    network: Network
    dataset: Dataset
    epochs: int
    past: Sequence[EpochDone] = ()

    @cached_property
    def final_outputs(self) -> Array:
        """`(n, classes)`: what the network gives for the test examples, once for all who ask; only at the end."""
        return self.network.outputs(self.dataset.test)


@dataclass(frozen=True)
class EpochDone:
    """An epoch has passed. Epoch 0 is the untrained network, which has no cost and no times.

    metrics: `test_accuracy`, `validation_accuracy` (shares of examples, 0 to 1); `train_cost` (mean per
    example, while training); `epoch_seconds` (wall-clock, evaluation included); `examples_per_second`
    (training alone); `learning_rate`, where it changes; and what `monitor` asks for, whose time is in none of them.
    weights: the network's fingerprint then.
    """

    epoch: int
    metrics: dict[str, float]
    weights: str = ""


@dataclass(frozen=True)
class Ended:
    """Nothing more will happen.

    status: FINISHED after the last epoch, KILLED by a signal, FAILED by anything else; error says by what. epoch: that
    the network of a finished run has the weights of. stopped: why there were fewer epochs than there were to be; empty
    if there were not. pruned: the name of the study that has stopped it; empty if none has.
    """

    status: Status
    error: BaseException | None = None
    epoch: int = 0
    stopped: str = ""
    pruned: str = ""


Event = Started | EpochDone | Ended
Listener = Callable[[Event], None]

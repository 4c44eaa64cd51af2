"""What a run's numbers depend on: the settings that are part of its key. Their defaults are in conf/config.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnexp.component import Rule, number, one_of, or_none, setting, whole
from nnexp.data.augmentations.base import Augmentation
from nnexp.data.sources.base import Source
from nnexp.nn.activations.base import Activation
from nnexp.nn.arrays import DTYPES
from nnexp.nn.averages.base import Average
from nnexp.nn.costs.base import Cost
from nnexp.nn.engines.base import Engine
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.train.monitors.base import Monitor
from nnexp.train.schedules.base import Schedule
from nnexp.train.stopping.base import Stopping

MOST = 10**9  # epochs, units, examples: who types more has leant on a key
COUNT = whole(1, MOST)


def _are_layers(sizes: Any) -> bool:
    return isinstance(sizes, list) and len(sizes) >= 2 and all(map(COUNT.allows, sizes))


def _are_monitors(names: Any) -> bool:
    return all(name in Monitor.kinds() for name in names) and len(set(names)) == len(names)


def _monitors() -> str:
    names = list(Monitor.kinds())
    return f"a list of any of {', '.join(names)}, each once: [{names[0]}]"


def _are_rates(dropout: Any) -> bool:
    return all(isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each < 1 for each in dropout)


@dataclass(kw_only=True)
class Settings:
    """The settings that can change a run's numbers, or which there are."""

    sizes: list[int] = setting(
        help="units per layer: one input per value of an example, hidden layers as many as you like, one output per "
        "class; quote the brackets: 'sizes=[784,100,10]'",
        rule=Rule(f"a list of two or more whole numbers from 1 to {MOST:,}, such as [784,100,10]", _are_layers),
    )
    epochs: int = setting(help="how often to go through the training examples", rule=COUNT)
    mini_batch_size: int = setting(help="examples per step", rule=COUNT)
    eta: float = setting(help="learning rate: step size per unit of mean gradient", rule=number(above=0))
    seed: int = setting(
        help="of first weights and order of examples; the same seed gives the same run, bit for bit, on one machine",
        rule=whole(0),
    )
    dtype: str = setting(help=f"what the network is made of: {' or '.join(DTYPES)}", rule=one_of(DTYPES))
    threads: int = setting(help="of BLAS; more than one only helps layers of a thousand units", rule=whole(1, 1024))
    data: Source = setting(help="what it learns from")
    train_size: int | None = setting(
        help="how many of the training examples are used, chosen by the seed; a smaller number takes a part of what a "
        "larger one does; null: all",
        rule=or_none(COUNT),
        since=None,
    )
    balanced: bool = setting(help="whether train_size takes as many of each class, give or take one", since=False)
    label_noise: float = setting(
        help="share of the training labels that another class takes the place of, chosen by the seed",
        rule=number(least=0, below=1),
        since=0.0,
    )
    standardise: bool = setting(
        help="whether inputs are moved and scaled to a mean of 0 and a standard deviation of 1, fitted on the "
        "training examples: pixels of images all by the same, other values each by its own; the network keeps it",
        since=False,
    )
    augment: Augmentation = setting(help="how an epoch's training images are changed", since="none")
    activation: Activation = setting(help="of the hidden units")
    cost: Cost = setting(help="what training makes small")
    init: Initialiser = setting(help="first weights and biases")
    optimiser: Optimiser = setting(help="how a gradient moves the weights", since="sgd")
    regulariser: Regulariser = setting(help="a penalty on weights", since="none")
    average: Average = setting(
        help="of the weights on training's way: that is what is evaluated, stored and served", since="none"
    )
    schedule: Schedule = setting(help="how the learning rate changes from epoch to epoch", since="constant")
    stopping: Stopping = setting(help="when training ends before its last epoch", since="never")
    dropout: Any = setting(
        help="which share of the hidden units is left out, others for each example and epoch; or a share for each "
        "layer that feeds another, input first: 'dropout=[0.2,0.5]'. Only in training: train_cost is with dropout, "
        "whatever else is measured without",
        rule=Rule(
            "a number >= 0 and < 1, or a list of them for all layers but the last: [0.2,0.5]",
            lambda value: _are_rates(value if isinstance(value, list) else [value]),
        ),
        since=0,
    )
    engine: Engine = setting(help="what does the arithmetic: the last digits depend on it", since="numpy")
    monitor: list[str] = setting(
        help="what else to measure after each epoch: 'monitor=[gradients,saturation]'; it changes no "
        "other number, but a run that is monitored is another run, or an earlier one would be found without it",
        rule=Rule(_monitors, _are_monitors),
        since=[],
        any_order=True,
    )

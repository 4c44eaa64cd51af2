"""What is suspicious in a configuration before it is trained: in its data, its first weights and its first step."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np

from nnexp.data.dataset import Dataset
from nnexp.formats import number
from nnexp.nn.arrays import Array
from nnexp.nn.dropout import Dropout, rates_of
from nnexp.nn.examples import Examples
from nnexp.nn.mean_cost import mean_cost
from nnexp.nn.network import Network
from nnexp.train.divergence import LARGE
from nnexp.train.events import EpochDone
from nnexp.train.measuring import SAMPLE, accuracies
from nnexp.train.protocol import TrainingSettings
from nnexp.train.trainer import epoch_order

SMALL = 0.01  # the largest input: all of them together hardly move a unit
UNBALANCED = 3.0  # times as many examples of one class as of another
SATURATED = 0.5  # the share of a layer's activations: of bounded units
DEAD = 0.1  # the share of a layer's units
FAR = 2.0  # times the cost of knowing nothing
LARGEST = 1.0  # a layer's first step, relative to its weights
SMALLEST = 5e-4  # that of the layer that moves most; first steps are larger than those to come
VANISHING = 1e-3  # that of a layer, relative to the layer that moves most


def suspicions(network: Network, dataset: Dataset, settings: TrainingSettings) -> Iterator[str]:
    """A line for each thing, none if all looks well. network: with its first weights; it stays as it is."""
    yield from of_scale(network, dataset.train)
    yield from _of_balance(dataset)
    sample = _sample(dataset.train)
    with np.errstate(over="ignore", invalid="ignore"):
        *hidden, _ = network.activations((sample.x * network.dtype.type(sample.scale)).T)
        cost = mean_cost(network, sample)
    yield from _of_symmetry(network)
    yield from _of_units(network, hidden)
    yield from _of_cost(network, cost)
    yield from _of_first_step(copy.deepcopy(network), dataset, settings)


def of_scale(network: Network, train: Examples) -> Iterator[str]:
    """Inputs that are not scaled, if the network does not standardise them itself."""
    if network.standardise.mean.size:
        return
    low, high = (float(end) * train.scale for end in (train.x.min(), train.x.max()))
    if not SMALL <= max(abs(low), abs(high)) <= LARGE:
        expected = "expected about -1 to 1; try standardise=true"
        yield f"inputs are not scaled: they lie between {low:.3g} and {high:.3g}, {expected}"


def _of_balance(dataset: Dataset) -> Iterator[str]:
    """Classes of which there are few examples."""
    counts = np.bincount(dataset.train.labels, minlength=dataset.classes)
    if counts.max() > UNBALANCED * counts.min():
        most, fewest = int(counts.argmax()), int(counts.argmin())
        yield (
            f"classes are unbalanced: {counts[most]:,} training examples of class {most}, "
            f"{counts[fewest]:,} of class {fewest}"
        )


def _sample(examples: Examples) -> Examples:
    n = min(SAMPLE, len(examples))
    places = np.arange(n) * len(examples) // n  # not the first ones: a file may be sorted by class
    return Examples(examples.x[places], examples.y[places], examples.scale)


def _of_symmetry(network: Network) -> Iterator[str]:
    """Hidden layers whose units are all alike: they get the same gradients, and so never differ."""
    for layer, (w, b) in enumerate(zip(network.weights[:-1], network.biases[:-1], strict=True), start=1):
        if len(w) > 1 and (w == w[0]).all() and (b == b[0]).all():
            yield f"layer {layer}: all of its units start alike, and will stay so; try init=scaled_gaussian"


def _of_units(network: Network, hidden: list[Array]) -> Iterator[str]:
    """Hidden layers that hardly learn: `(units, examples)` of each."""
    activations = network.activation.of_layers(len(hidden))
    for layer, (a, activation) in enumerate(zip(hidden, activations, strict=True), start=1):
        saturated = activation.saturated(a)
        share, dead = float(saturated.mean()), float(saturated.all(axis=1).mean())
        kind = activation.kind
        if activation.bounded and share > SATURATED:
            yield f"layer {layer}: {100 * share:.0f} % of its {kind} activations are saturated at the start"
        if dead > DEAD:
            yield f"layer {layer}: {100 * dead:.0f} % of its {kind} units are dead: saturated for every example"


def _of_cost(network: Network, cost: float) -> Iterator[str]:
    """Outputs that cost far more than those of a network that knows nothing, all of whose z are 0."""
    classes = network.sizes[-1]
    ignorant = network.cost.total(np.zeros((1, classes)), np.eye(1, classes))
    if not cost <= FAR * ignorant:
        yield f"outputs start surely wrong: the cost is {cost:.3g}, and a network that knows nothing has {ignorant:.3g}"


def _of_first_step(network: Network, dataset: Dataset, settings: TrainingSettings) -> Iterator[str]:
    """A first step that is far too large or small for the weights of a layer."""
    rate = settings.schedule.rate(settings.eta, 1, settings.epochs, [EpochDone(0, accuracies(network, dataset))])
    order = epoch_order(settings.seed, 1, len(dataset.train))[: settings.mini_batch_size]
    dropout = Dropout(network.sizes, rates_of(settings.dropout, network.num_layers), [settings.seed, 2, 1])
    before = [w.astype(np.float64) for w in network.weights]
    try:
        network.train_epoch(dataset.train, order, settings.mini_batch_size, rate, dropout)
    except FloatingPointError as error:
        yield f"eta={number(rate)}: the first step leaves the finite numbers ({error}); try a smaller eta"
        return
    sizes = [float(np.linalg.norm(was)) or 1.0 for was in before]
    apart = [float(np.linalg.norm(now - was)) for was, now in zip(before, network.weights, strict=True)]
    ratios = [network.optimiser.gain * step / size for step, size in zip(apart, sizes, strict=True)]
    for layer, ratio in enumerate(ratios, start=1):
        if ratio > LARGEST:
            yield f"layer {layer}: steps of eta={number(rate)} are {ratio:.1g} times its weights; try a smaller eta"
        if ratio < VANISHING * max(ratios):
            yield f"layer {layer}: moves {ratio / max(ratios):.1g} times as far as the layer that moves most"
    if max(ratios) < SMALLEST:
        yield f"steps of eta={number(rate)} are {max(ratios):.1g} times the weights at most; try a larger eta"

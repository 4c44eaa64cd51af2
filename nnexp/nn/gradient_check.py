"""The gradient that a network's engine steps along, compared with finite differences of its cost, layer by layer.

A step of plain gradient descent tells the gradient: it is the change of the weights over the step size. The derivative
by a number w is near (C(w + h) - C(w - h)) / 2h. Where the cost has a kink between the two, as with relu, smaller h
are tried; right at one, the gradient may be either one-sided derivative, or lie between. Source: Nielsen, chapter 2,
equation 46, on what backpropagation spares us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.mean_cost import mean_cost
from nnexp.nn.network import Network
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.nn.regularisers.none import NoRegulariser

COMPARED = 24  # weights of a layer, and as many biases
ETA = 2.0**-7  # of the step that tells the gradient: a power of two, which is divided by without rounding
STEPS = (1e-5, 1e-6, 1e-7)  # h: the first is good to ten digits, the others are for kinks
ALLOWED = 1e-6  # of the gradient
ROUNDING = 8 * float(np.finfo(np.float64).eps)  # of a cost, relative


@dataclass(frozen=True)
class LayerCheck:
    """How a layer's gradient compares. layer: from 1, behind the input. sizes: inputs and units.

    compared: how many weights and biases. norm: Euclidean, of their gradient. error: that of the difference, relative
    to the larger gradient. lost: what error rounding alone can make. kinks: how many lie right at a kink.
    """

    layer: int
    sizes: tuple[int, int]
    compared: int
    norm: float
    error: float
    lost: float
    kinks: int

    @property
    def right(self) -> bool:
        """Whether no more than rounding is between them."""
        return self.error <= ALLOWED + self.lost


def gradient_check(network: Network, examples: Examples, rng: np.random.Generator) -> Iterator[LayerCheck]:
    """Check the gradient for these few examples, as if they were all there are, in float64.

    The penalty of the regulariser is a part of the cost, and so is large enough to be seen; dropout is not.
    rng: chooses the weights and biases. The network stays as it is.
    """
    twin = _twin(network, examples)
    nabla_b, nabla_w = _stepped_along(twin, examples)

    def cost() -> float:
        return mean_cost(twin, examples) + twin.regulariser.penalty(twin.weights, len(examples))

    rounding = ROUNDING * cost() / STEPS[0]
    for layer, (x, y) in enumerate(zip(twin.sizes[:-1], twin.sizes[1:], strict=True)):
        gradient, slopes, kinks = [], [], 0
        for array, nabla in ((twin.weights[layer], nabla_w[layer]), (twin.biases[layer], nabla_b[layer])):
            for at in rng.choice(array.size, min(COMPARED, array.size), replace=False):
                slope, at_kink = _slope(cost, array.reshape(-1), int(at), float(nabla.flat[at]), rounding)
                gradient.append(float(nabla.flat[at]))
                slopes.append(slope)
                kinks += at_kink
        norm, apart = np.linalg.norm(gradient), np.linalg.norm(np.subtract(gradient, slopes))
        larger = max(float(norm), float(np.linalg.norm(slopes)), float(np.finfo(float).tiny))
        lost = rounding * len(slopes) ** 0.5 / larger
        yield LayerCheck(layer + 1, (x, y), len(slopes), float(norm), float(apart) / larger, lost, kinks)


def _twin(network: Network, examples: Examples) -> Network:
    """The same network in float64, for plain gradient descent; a regulariser without a penalty has no gradient."""
    penalised = network.regulariser.penalty(network.weights, len(examples)) != 0
    twin = Network(
        network.sizes,
        activation=network.activation,
        cost=network.cost,
        optimiser=Sgd(),
        regulariser=network.regulariser if penalised else NoRegulariser(),
        engine=network.engine,
        standardisation=network.standardise,
        dtype="float64",
    )
    twin.weights = [w.astype(np.float64) for w in network.weights]
    twin.biases = [b.astype(np.float64) for b in network.biases]
    return twin


def _stepped_along(network: Network, examples: Examples) -> tuple[list[Array], list[Array]]:
    """The gradient by biases and by weights, from a step of the engine, which is taken back."""
    before = [array.copy() for array in (*network.biases, *network.weights)]
    network.train_epoch(examples, np.arange(len(examples)), len(examples), ETA)
    after = [*network.biases, *network.weights]
    gradient = [(was - now) / ETA for was, now in zip(before, after, strict=True)]
    for array, was in zip(after, before, strict=True):
        array[...] = was
    layers = len(network.biases)
    return gradient[:layers], gradient[layers:]


def _slope(cost: Callable[[], float], numbers: Array, at: int, expected: float, rounding: float) -> tuple[float, bool]:
    """How the cost changes with the number at that place, and whether a kink is right there; expected: the gradient.

    Of several differences that one which is nearest to what is expected: an error makes all of them differ.
    """
    value, middle, found = numbers[at], cost(), []
    for h in STEPS:
        scaled = h * max(1.0, abs(value))
        numbers[at] = value + scaled
        above = cost()
        numbers[at] = value - scaled
        below = cost()
        numbers[at] = value
        found.append((above - below) / (2 * scaled))
        if abs(found[-1] - expected) <= ALLOWED * abs(expected) + rounding:
            return found[-1], False
    sides = sorted(((above - middle) / scaled, (middle - below) / scaled))
    noise = ALLOWED * abs(expected) + rounding * STEPS[0] / STEPS[-1]
    if sides[1] - sides[0] > 10 * noise and sides[0] - noise <= expected <= sides[1] + noise:
        return expected, True
    return min(found, key=lambda slope: abs(slope - expected)), False

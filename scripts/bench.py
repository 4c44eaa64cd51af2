"""How long an epoch takes: ours, the floor under it, the article's loop, scikit-learn and JAX, on one core.

    python scripts/bench.py                            # the whole table, minutes
    python scripts/bench.py --quick --only 784-100-10@10
    pip install '.[bench]'                             # for JAX; what is not installed is left out

An epoch is 50,000 examples of MNIST and the evaluation of 10,000 validation and 10,000 test examples.
Everyone runs in this process, one epoch each, round by round, so that a busy machine is busy for all;
of each the fastest epoch counts.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import itertools
import json
import operator
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import bench_compare
import bench_store
import bench_sweep
import numpy as np
from scipy.linalg.blas import sgemm

from nnexp.config.compose import config_of
from nnexp.data.sources.mnist import Mnist
from nnexp.nn.arrays import Array
from nnexp.nn.examples import Examples
from nnexp.nn.minibatches import BLOCK_BYTES
from nnexp.nn.network import EVALUATED_AT_ONCE, Network
from nnexp.tracking.recording import Record
from nnexp.tracking.stores.mlflow import MLflow
from nnexp.train.events import Started
from nnexp.train.trainer import train

ETA = 0.5
TRAINED, EVALUATED = 50_000, 20_000
ARTICLE_PART = 25  # the article's loop runs this part of an epoch, and its time is multiplied

Epochs = Iterator[float]  # each next() runs one epoch and gives its seconds
Runner = Callable[[Sequence[int], int], Epochs]


@dataclass(frozen=True)
class Target:
    """A ratio to be reached: `seconds[above] / seconds[below]` at most, or at least, `bound`."""

    above: str
    below: str
    relation: str
    bound: float

    def verdict(self, seconds: dict[str, float]) -> str:
        """The target, and whether it is reached; `not measured` if a rival is missing."""
        words = f"{self.above}/{self.below} {self.relation} {self.bound:g}"
        if not {self.above, self.below} <= seconds.keys():
            return f"{words} not measured"
        reached = {"<=": operator.le, ">=": operator.ge}[self.relation]
        return f"{words} {'ok' if reached(seconds[self.above] / seconds[self.below], self.bound) else 'MISSED'}"


@dataclass(frozen=True)
class Case:
    """A network, the size of its mini-batches, who runs it beside the others, and what is to be reached."""

    sizes: tuple[int, ...]
    m: int
    article: bool = False
    targets: tuple[Target, ...] = ()

    @property
    def name(self) -> str:
        """As `--only` takes it: 784-100-10@10."""
        return f"{'-'.join(map(str, self.sizes))}@{self.m}"


CASES = [
    Case((784, 30, 10), 10, article=True),
    Case(
        (784, 100, 10),
        10,
        article=True,
        targets=(
            Target("ours", "floor", "<=", 1.7),
            Target("article", "ours", ">=", 40),
            Target("ours", "jax", "<=", 0.65),
        ),
    ),
    Case((784, 100, 10), 40),
    Case((784, 512, 512, 10), 125, targets=(Target("ours", "floor", "<=", 1.25),)),
]


@dataclass(frozen=True)
class Row:
    """What a case measured: seconds of the fastest epoch of each, and the verdicts."""

    name: str
    seconds: dict[str, float]
    verdicts: list[str]


# What is measured. Each function prepares what it needs and gives an iterator of epochs.


def ours(sizes: Sequence[int], m: int) -> Epochs:
    """The package's own loop, as a run has it: MLflow writes every epoch into a SQLite store."""
    folder = Path(tempfile.mkdtemp(prefix="nnexp-bench-"))
    atexit.register(shutil.rmtree, folder)
    (folder / "config.yaml").touch()
    record = Record("bench", {}, {}, folder, (), "images", contextlib.nullcontext)
    recorder = MLflow(uri=f"sqlite:///{folder}/mlflow.db").open().recorder(record, None)
    network, dataset = Network(sizes, rng=0), Mnist().load()
    recorder(Started(network, dataset, 0))
    events = train(network, dataset, config_of(["epochs=1000000000", f"mini_batch_size={m}", f"eta={ETA}"]))
    recorder(next(events))
    return timed(lambda: recorder(next(events)))


def floor(sizes: Sequence[int], m: int) -> Epochs:
    """Multiply an epoch's matrices and do nothing else, by the same routines, on inputs that stay in cache."""
    rng = np.random.default_rng(0)
    weights = [rng.random((y, x), np.float32) for x, y in itertools.pairwise(sizes)]
    block = rng.random((max(1, BLOCK_BYTES // (4 * sizes[0] * m)) * m, sizes[0]), np.float32)
    steps = [step_products(block[start : start + m], weights, rng) for start in range(0, len(block), m)]
    evaluation = step_products(rng.random((EVALUATED_AT_ONCE, sizes[0]), np.float32), weights, rng)[0]

    def epoch() -> None:
        for step in range(TRAINED // m):
            forward, backward, update = steps[step % len(steps)]
            multiply(forward)
            multiply(backward)
            for a_T, delta_T, w_T in update:
                sgemm(-1e-9, a_T, delta_T, 1.0, w_T, 0, 1, 1)
        for _ in range(EVALUATED // EVALUATED_AT_ONCE):
            multiply(evaluation)

    return timed(epoch)


def article(sizes: Sequence[int], m: int) -> Epochs:
    """Loop over examples as the article does: a part of an epoch, its time multiplied to a whole one."""
    train, *evaluated = examples()
    net = ArticleNetwork(sizes)
    pairs = columns(train, TRAINED // ARTICLE_PART)
    tests = [columns(part, len(part) // ARTICLE_PART) for part in evaluated]

    def epoch() -> None:
        order = net.rng.permutation(len(pairs))
        for start in range(0, len(pairs), m):
            net.update_mini_batch([pairs[i] for i in order[start : start + m]], ETA)
        for part in tests:
            net.evaluate(part)

    return (seconds * ARTICLE_PART for seconds in timed(epoch))


def sklearn(sizes: Sequence[int], m: int) -> Epochs:
    """Train scikit-learn's classifier by plain gradient descent; its outputs are a softmax."""
    from sklearn.neural_network import MLPClassifier

    train, *evaluated = ((part.x * np.float32(1 / 255), part.y) for part in examples())
    net = MLPClassifier(
        sizes[1:-1], activation="logistic", solver="sgd", alpha=0, batch_size=m, learning_rate_init=0.1, momentum=0
    )

    def epoch() -> None:
        net.partial_fit(*train, classes=range(sizes[-1]))
        for x, labels in evaluated:
            net.score(x, labels)

    return timed(epoch)


def jax(sizes: Sequence[int], m: int) -> Epochs:
    """Train in JAX: the epoch and its evaluation are one compiled function, in which a scan gathers the mini-batches.

    Examples are float32, for with bytes it is a little slower.
    """
    import jax  # type: ignore[import-not-found,unused-ignore]  # an extra, mostly not installed

    jnp = jax.numpy

    data = [(jnp.asarray(part.x * np.float32(1 / 255)), jnp.asarray(part.y)) for part in examples()]

    def outputs(layers: Any, x: Any) -> Any:
        for b, w in layers:
            x = jax.nn.sigmoid(x @ w.T + b)
        return x

    def cost(layers: Any, x: Any, labels: Any) -> Any:
        return jnp.sum((outputs(layers, x) - jax.nn.one_hot(labels, sizes[-1])) ** 2) / 2 / m

    @functools.partial(jax.jit, donate_argnums=0)
    def train_and_evaluate(layers: Any, order: Any, data: Any) -> Any:
        (train_x, train_labels), *evaluated = data

        def step(layers: Any, index: Any) -> Any:
            value, gradient = jax.value_and_grad(cost)(layers, train_x[index], train_labels[index])
            return jax.tree.map(lambda p, g: p - ETA * g, layers, gradient), value

        layers, costs = jax.lax.scan(step, layers, order)
        return layers, costs.mean(), [(outputs(layers, x).argmax(axis=1) == labels).sum() for x, labels in evaluated]

    net = Network(sizes, rng=0)
    state = [[jnp.asarray(b.T), jnp.asarray(w)] for b, w in zip(net.biases, net.weights, strict=True)]

    def epoch() -> None:
        order = net.rng.permutation(TRAINED).astype(np.int32).reshape(-1, m)
        state[:], *results = train_and_evaluate(state, order, data)
        jax.block_until_ready((state, results))

    epoch()  # compiles
    return timed(epoch)


# What they are made of.


def timed(epoch: Callable[[], None]) -> Epochs:
    """Run `epoch` at each next(); give its seconds, wall-clock."""
    while True:
        start = time.perf_counter()
        epoch()
        yield time.perf_counter() - start


@functools.cache
def examples() -> tuple[Examples, Examples, Examples]:
    """MNIST as the package has it: 50,000 examples to train on, 10,000 for validation, 10,000 for the test."""
    mnist = Mnist().load()
    return mnist.train, mnist.validation, mnist.test


Products = list[tuple[Array, Array, Array]]


def step_products(x: Array, weights: list[Array], rng: np.random.Generator) -> tuple[Products, Products, Products]:
    """Operands of the products that a step on the rows x makes: forward, backward, and the update's."""
    inputs = [x, *(rng.random((len(x), len(w)), np.float32) for w in weights[:-1])]
    outputs, deltas = ([rng.random((len(x), len(w)), np.float32) for w in weights] for _ in range(2))
    forward = [(a, w.T, z) for a, w, z in zip(inputs, weights, outputs, strict=True)]
    backward = [(deltas[i], weights[i], deltas[i - 1]) for i in range(len(weights) - 1, 0, -1)]
    update = [(a.T, delta.T, w.T) for a, delta, w in zip(inputs, deltas, weights, strict=True)]
    return forward, backward, update


def multiply(products: Products) -> None:
    """Each product into its third array."""
    for a, b, out in products:
        np.dot(a, b, out)


def columns(part: Examples, count: int) -> list[tuple[Array, Array]]:
    """The first examples as the article passes them: pairs of float64 columns."""
    targets = np.eye(10)[part.y[:count]]
    return [(x[:, np.newaxis] * part.scale, y[:, np.newaxis]) for x, y in zip(part.x[:count], targets, strict=True)]


def sigmoid(z: Array) -> Array:
    """As the article has it."""
    return np.asarray(1.0 / (1.0 + np.exp(-z)))


def sigmoid_prime(z: Array) -> Array:
    """As the article has it."""
    return np.asarray(sigmoid(z) * (1 - sigmoid(z)))


class ArticleNetwork:
    """The article's network: float64, quadratic cost, one example at a time."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.rng = np.random.default_rng(0)
        self.biases = [self.rng.standard_normal((y, 1)) for y in sizes[1:]]
        self.weights = [self.rng.standard_normal((y, x)) for x, y in itertools.pairwise(sizes)]

    def update_mini_batch(self, mini_batch: list[tuple[Array, Array]], eta: float) -> None:
        """Sum the gradient example by example, then step."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb + dnb for nb, dnb in zip(nabla_b, delta_nabla_b, strict=True)]
            nabla_w = [nw + dnw for nw, dnw in zip(nabla_w, delta_nabla_w, strict=True)]
        rate = eta / len(mini_batch)
        self.weights = [w - rate * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """The gradient for one example."""
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights, strict=True):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
        for layer in range(1, len(self.weights) + 1):
            if layer > 1:
                delta = np.dot(self.weights[1 - layer].T, delta) * sigmoid_prime(zs[-layer])
            nabla_b[-layer] = delta
            nabla_w[-layer] = np.dot(delta, activations[-layer - 1].T)
        return nabla_b, nabla_w

    def evaluate(self, pairs: list[tuple[Array, Array]]) -> int:
        """How many outputs are highest where the target is."""
        return sum(int(np.argmax(self.feedforward(x)) == np.argmax(y)) for x, y in pairs)

    def feedforward(self, a: Array) -> Array:
        """The output column for one input column."""
        for b, w in zip(self.biases, self.weights, strict=True):
            a = sigmoid(np.dot(w, a) + b)
        return a


# Measuring and showing.


def measure(case: Case, rounds: int) -> Row:
    """Everyone's fastest epoch; in each round everyone runs one."""
    runners: list[Runner] = [ours, floor]
    runners += [article] if case.article else []
    runners += [rival for rival in (sklearn, jax) if find_spec(rival.__name__)]
    epochs = {runner.__name__: runner(case.sizes, case.m) for runner in runners}
    measured = [{name: next(each) for name, each in epochs.items()} for _ in range(rounds)]
    seconds = {name: min(row[name] for row in measured) for name in epochs}
    return Row(case.name, seconds, [target.verdict(seconds) for target in case.targets])


HEADINGS = ["net@mini-batch", "ours", "floor", "article*", "sklearn", "jax", "x floor", "article/ours", "ours/jax"]


def cells(row: Row) -> list[str]:
    """A row of the table, under `HEADINGS`."""
    times = [f"{row.seconds[name]:.3f}" if name in row.seconds else "-" for name in ("ours", "floor")]
    times += [f"{row.seconds[name]:.2f}" if name in row.seconds else "-" for name in ("article", "sklearn", "jax")]
    ratios = [ratio(row, "ours", "floor"), ratio(row, "article", "ours"), ratio(row, "ours", "jax")]
    return [row.name, *times, *ratios]


def ratio(row: Row, above: str, below: str) -> str:
    """One's seconds over another's; a dash if one is missing."""
    if not {above, below} <= row.seconds.keys():
        return "-"
    return f"{row.seconds[above] / row.seconds[below]:.2f}"


def line(texts: list[str], verdicts: list[str]) -> str:
    """One line of the table: the name to the left, numbers to the right, then what is to be reached."""
    name, *numbers = texts
    padded = [text.rjust(max(8, len(heading))) for text, heading in zip(numbers, HEADINGS[1:], strict=True)]
    return "  ".join([name.ljust(20), *padded, ", ".join(verdicts)]).rstrip()


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 7")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of the table")
    parser.add_argument("--only", choices=[case.name for case in CASES], help="one row of the table")
    parser.add_argument("--compare", action="store_true", help="a comparison of a thousand runs instead")
    parser.add_argument("--sweep", action="store_true", help="a sweep instead, on every core and on one")
    parser.add_argument("--store", action="store_true", help="look-ups among up to 10,000 runs instead")
    return parser.parse_args()


def main() -> None:
    """Measure the cases and print them."""
    options = arguments()
    if options.compare:
        bench_compare.report()
        return
    if options.store:
        bench_store.report()
        return
    if options.sweep:
        bench_sweep.report()
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = (measure(case, 2 if options.quick else 7) for case in CASES if options.only in (None, case.name))
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    print(line(HEADINGS, ["to be reached"]))
    for row in rows:
        print(line(cells(row), row.verdicts), flush=True)
    print(f"\nseconds an epoch, fastest round, one core\n* 1/{ARTICLE_PART} of an epoch was run, its time multiplied")


if __name__ == "__main__":
    main()

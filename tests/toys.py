"""A package that adds a part of each kind by entry points, written into a folder as an installer would leave it."""

from __future__ import annotations

from pathlib import Path

PARTS = '''
from dataclasses import dataclass

import numpy as np

from nnexp.component import number, setting
from nnexp.data.dataset import Part, dataset_from
from nnexp.data.sources.base import Source
from nnexp.launch.launchers.base import Launcher
from nnexp.nn.activations.base import Activation
from nnexp.nn.activations.sigmoid import SIGMOID
from nnexp.nn.averages.base import Average
from nnexp.nn.costs.base import Cost
from nnexp.nn.initialisers.base import Initialiser
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser
from nnexp.tracking.stores.base import Tracking
from nnexp.train.monitors.base import Monitor
from nnexp.train.schedules.base import Schedule
from nnexp.train.stopping.base import Stopping


@dataclass
class ToySource(Source):
    """Points on a line: right of the middle or not."""

    kind: str = "toy"
    examples: int = setting(60, help="how many")

    def load(self):
        x = np.linspace(0, 1, self.examples)[np.random.default_rng(0).permutation(self.examples), None]
        part = Part(x, (x[:, 0] > 0.5).astype(int), "toy: x", "toy: y")
        return dataset_from("toy", part, part, sha256="0" * 64)


@dataclass
class ToyActivation(Activation):
    """f(z) = steepness z."""

    kind: str = "toy"
    steepness: float = setting(0.5, help="the derivative", rule=number(above=0))
    bounded = False

    def value(self, z):
        return self.steepness * z

    def derivative(self, z, a):
        return self.steepness + 0 * a

    def saturated(self, a):
        return np.zeros(a.shape, bool)


@dataclass
class ToyCost(Cost):
    """Half of the cross-entropy's slope."""

    kind: str = "toy"
    outputs = SIGMOID

    def value(self, z, a, y):
        return 0.5 * (np.logaddexp(0, z) - y * z)

    def delta(self, z, a, y):
        return 0.5 * (a - y)

    def derivative(self, a, y):
        return 0.5 * (a - y) / (a * (1 - a))


@dataclass
class ToyInit(Initialiser):
    """Small weights."""

    kind: str = "toy"
    scaled = False

    def weights(self, n_out, n_in, rng):
        return 0.1 * rng.standard_normal((n_out, n_in))


@dataclass
class ToyOptimiser(Optimiser):
    """Steps of half the size."""

    kind: str = "toy"

    def step(self, w, g, eta, shrink, *kept):
        return (shrink * w - 0.5 * eta * g,)


@dataclass
class ToyRegulariser(Regulariser):
    """All weights shrink by a thousandth."""

    kind: str = "toy"

    def shrink(self, eta, n):
        return 0.999

    def slope(self, w, n):
        return 0.0

    def penalty(self, weights, n):
        return 0.0


@dataclass
class ToyAverage(Average):
    """Half of the way after each step."""

    kind: str = "toy"
    each = "step"

    def share(self, t):
        return np.where(t == 1, 1, 0.5)


@dataclass
class ToySchedule(Schedule):
    """The learning rate falls as 1/epoch."""

    kind: str = "toy"

    def multiplier(self, epoch, epochs, history):
        return 1 / epoch


@dataclass
class ToyStopping(Stopping):
    """Two epochs are enough."""

    kind: str = "toy"

    def reason(self, history):
        return "two epochs are enough" if history[-1].epoch == 2 else ""


@dataclass
class ToyMonitor(Monitor):
    """The largest weight of a layer."""

    kind: str = "toy"
    metric = "largest_weight"

    def measure(self, seen):
        return (float(np.abs(w).max()) for w in seen.network.weights)


@dataclass
class ToyTracking(Tracking):
    """Runs are forgotten."""

    kind: str = "toy"

    def open(self, make=True):
        return None


@dataclass
class ToyLaunch(Launcher):
    """One job after the other, in this process."""

    kind: str = "toy"

    def prepare(self, modules, warm_up):
        print("toy launcher prepares")

    def run(self, work, jobs, at_once, on_event):
        do = work.start()
        return [do(job) for job in jobs]
'''
GROUPS = ["Source", "Activation", "Cost", "Init", "Optimiser", "Regulariser", "Average", "Schedule"]
GROUPS += ["Stopping", "Monitor"]
GROUPS += ["Tracking", "Launch"]


def install(folder: Path, module: str = PARTS, parts: list[str] | None = None) -> None:
    """Leave in the folder what `pip install --target` would of a package with these parts."""
    points = [f"toy_{name.lower()} = toy_parts:{name}" for name in parts or [f"Toy{group}" for group in GROUPS]]
    about = folder / "toy_parts-0.1.dist-info"
    about.mkdir(parents=True)
    (folder / "toy_parts.py").write_text(module)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-parts\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("\n".join(["[nnexp.components]", *points, ""]))

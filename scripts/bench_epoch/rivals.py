"""Everybody who runs an epoch, and what each one needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

from bench_epoch import torch
from bench_epoch.article import PART, article
from bench_epoch.floor import floor
from bench_epoch.jax import jax
from bench_epoch.keras import keras
from bench_epoch.ours import other_engines, ours
from bench_epoch.sklearn import sklearn
from bench_epoch.task import Epochs, Task


@dataclass(frozen=True)
class Rival:
    """Who runs an epoch.

    start: prepares what it needs and gives its epochs; the first may take longer. packages: that it imports.
    compiler: whether it needs one of C++. part: of so many equal ones of an epoch it runs one.
    """

    name: str
    start: Callable[[Task], Epochs]
    packages: Sequence[str] = ()
    compiler: bool = False
    part: int = 1

    @property
    def lacks(self) -> str:
        """What is missing to run it; empty if nothing is."""
        missing = [f"{package} is not installed" for package in self.packages if find_spec(package) is None]
        cxx = os.environ.get("CXX", "g++")
        if self.compiler and not shutil.which(cxx):
            missing.append(f"there is no compiler {cxx}")
        return ", ".join(missing)


OURS = [Rival("ours", ours), *(Rival(engine, partial(ours, words=[f"engine={engine}"])) for engine in other_engines())]
RIVALS = [
    *OURS,
    Rival("floor", floor),
    Rival("article", article, part=PART),
    Rival("sklearn", sklearn, ["sklearn"]),
    Rival("jax", jax, ["jax", "optax"]),
    Rival("torch", torch.eager, ["torch"]),
    Rival("compiled torch", torch.compiled, ["torch"], compiler=True),
    Rival("keras", keras, ["keras", "jax"]),
]
ALWAYS = {"floor", *(each.name for each in OURS)}


def of_case(names: Sequence[str]) -> list[Rival]:
    """Who is measured where these are: ours, the floor, and them."""
    return [rival for rival in RIVALS if rival.name in ALWAYS or rival.name in names]

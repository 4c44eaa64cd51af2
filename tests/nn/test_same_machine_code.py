"""Bit for bit: machine code that was read from disk gives what it gave in the process that compiled it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nnexp.component import Component
from nnexp.data.sources.digits import Digits
from nnexp.nn.activations.base import Activation
from nnexp.nn.averages.base import Average
from nnexp.nn.costs.base import Cost
from nnexp.nn.engines.compiled import Compiled
from nnexp.nn.network import Network
from nnexp.nn.optimisers.base import Optimiser
from nnexp.nn.regularisers.base import Regulariser

GROUPS: dict[str, type[Component]] = {
    "average": Average,  # first: where it once went wrong, code of other parts before it hid that
    "activation": Activation,
    "cost": Cost,
    "optimiser": Optimiser,
    "regulariser": Regulariser,
}


def fingerprints() -> list[str]:
    """Of networks with each part that there is, the others as they are by default, after an epoch of digits."""
    examples = Digits().load().train
    found = []
    for group, base in GROUPS.items():
        for kind in base.kinds():
            part = base.named(kind, start=1) if kind == "swa" else base.named(kind)
            network = Network([64, 20, 10], engine=Compiled(), rng=0, **{group: part})  # type: ignore[arg-type]
            network.train_epoch(examples, np.arange(len(examples)), 10, 0.01)
            found.append(f"{group}={kind} {network.fingerprint()}")
    return found


@pytest.mark.slow
def test_each_part_trains_the_same_with_code_just_compiled_and_code_read_from_disk(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    compiled, read = (
        subprocess.run([sys.executable, __file__], env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    )
    assert read.splitlines() == compiled.splitlines()


if __name__ == "__main__":
    print("\n".join(fingerprints()))

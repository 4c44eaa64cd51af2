"""What the page shows of a network: the run that made it, and what it makes of a drawing."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnexp.errors import UsageError
from nnexp.identity import DECLARED
from nnexp.nn.arrays import Array
from nnexp.predict.answers import as_inputs, probabilities
from nnexp.predict.paper import Blank
from nnexp.predict.preparation import whole
from nnexp.predict.trained import Trained
from nnexp.tracking.mlflow import model_server
from nnexp.tracking.params import as_text
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stored_weights import final_test_accuracy

ORDER = list(DECLARED)
SMALLEST_SIDE = 5  # pixels; fewer are no image, were their number a square


@dataclass(frozen=True)
class Viewer:
    """The network that a run ended with, of which epoch, and the port of the model server that has the same weights."""

    run: StoredRun
    epoch: int
    trained: Trained
    model_port: int

    def __post_init__(self) -> None:
        inputs = self.trained.network.sizes[0]
        if self.side**2 != inputs or self.side < SMALLEST_SIDE:
            raise UsageError(f"run {self.run.id}: its network has {inputs} inputs, expected a square grey image's")

    @property
    def side(self) -> int:
        """Pixels that the network's images are high and wide."""
        return math.isqrt(self.trained.network.sizes[0])

    def facts(self) -> dict[str, Any]:
        """What there is to tell of the run and of the servers."""
        network, settings = self.trained.network, self.run.settings
        names = sorted(settings, key=lambda name: (_place(name), name))
        return {
            "id": self.run.id,
            "name": self.run.name,
            "data": self.trained.data,
            "epoch": self.epoch,
            "test_accuracy": final_test_accuracy(self.run),
            "settings": [[name, as_text(settings[name])] for name in names],
            "sizes": network.sizes,
            "side": self.side,
            "prepared": self.trained.preparation() is not None,
            "model_server": model_server.address(self.model_port),
            "curl": model_server.curl(self.model_port, network.sizes[0]),
        }

    def first_weights(self) -> bytes:
        """The first layer's weights, unit after unit, as little-endian float32."""
        return self.trained.network.weights[0].astype("<f4").tobytes()

    def look(self, drawing: Array) -> dict[str, Any]:
        """What the network makes of a drawing `(height, width)`, uint8 ink on 0; `blank` is all of it where none is."""
        try:
            saw = self._seen(drawing)
        except Blank:
            return {"blank": True}
        column = as_inputs([saw], self.trained.network).x.T
        *hidden, outputs = self.trained.network.activations(column)
        return {
            "saw": saw.ravel().tolist(),
            "hidden": [np.round(layer[:, 0].astype(float), 3).tolist() for layer in hidden],
            **_prediction(outputs[:, 0]),
        }

    def served(self, drawing: Array) -> dict[str, Any]:
        """What MLflow's model server predicts for the drawing; `starting` while it does not answer."""
        try:
            row = as_inputs([self._seen(drawing)], self.trained.network).x[0]
        except Blank:
            return {"blank": True}
        started = time.monotonic()
        outputs = model_server.ask(self.model_port, row)
        if outputs is None:
            return {"starting": True}
        return {"milliseconds": round(1000 * (time.monotonic() - started)), **_prediction(np.array(outputs))}

    def _seen(self, drawing: Array) -> Array:
        preparation = self.trained.preparation()
        return preparation(drawing) if preparation else whole(drawing, self.side)


def _place(name: str) -> int:
    """Where a setting stands among the declared ones; a part's stands with its part."""
    group = name.partition(".")[0]
    return ORDER.index(group) if group in ORDER else len(ORDER)


def _prediction(outputs: Array) -> dict[str, Any]:
    return {
        "label": int(outputs.argmax()),
        "outputs": np.round(outputs.astype(float), 5).tolist(),
        "probabilities": np.round(probabilities(outputs).astype(float), 5).tolist(),
    }

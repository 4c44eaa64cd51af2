"""First weights that turn their input, and stretch it the same in every direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnexp.component import number, setting
from nnexp.nn.arrays import Array
from nnexp.nn.blas import blas_threads
from nnexp.nn.initialisers.base import Initialiser


@dataclass
class Orthogonal(Initialiser):
    """A random orthogonal matrix times `gain`: units of a layer are at right angles; biases are 0.

    Where there are more units than inputs, it is the inputs' columns that are.
    Source: Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks, 2014, section 3.
    """

    gain: float = setting(1.0, help="by how much a layer stretches its input; 1.4 suits relu", rule=number(above=0))
    kind: str = "orthogonal"
    scaled: ClassVar[bool] = True
    scratch: ClassVar[int] = 4  # of the QR decomposition, measured

    def weights(self, n_out: int, n_in: int, rng: np.random.Generator) -> Array:
        """Every orthogonal matrix is as likely as any other.

        That is so if the diagonal of R is positive: Mezzadri, How to generate random matrices from the classical
        compact groups, 2007, section 5.
        """
        tall = rng.standard_normal((max(n_out, n_in), min(n_out, n_in)))
        with blas_threads(1):  # the order of additions, and so the last bits, are no matter of how many there are
            q, r = np.linalg.qr(tall)
        q *= self.gain * np.sign(np.diag(r))
        return q if n_out >= n_in else q.T

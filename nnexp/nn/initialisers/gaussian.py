"""The article's first weights."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.nn.initialisers.base import Initialiser


@dataclass
class Gaussian(Initialiser):
    """N(0, 1) for every weight: the article's. Large layers start saturated and may never recover."""

    kind: str = "gaussian"

    def spread(self, n_in: int) -> float:
        return 1.0

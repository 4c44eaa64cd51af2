"""No run store: the run's folder under outputs/ is all that stays."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.tracking.stores.base import Tracking


@dataclass
class Off(Tracking):
    """Runs are not remembered."""

    kind: str = "off"

    def open(self, make: bool = True) -> None:
        return None

"""The settings of launching: how the jobs of a sweep are run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from nnexp.runtime.cores import cores


@dataclass
class Launch:
    """How the jobs of a sweep are run. kind: as in conf/launch. workers: how many at once; None: one for each core."""

    kind: str = "parallel"
    workers: Optional[int] = None  # noqa: UP045  # OmegaConf reads annotations at run time

    @property
    def at_once(self) -> int:
        """How many jobs run at once."""
        return self.workers if self.workers and self.workers > 0 else cores()

    def problems(self) -> list[str]:
        """What is wrong with them, a line each."""
        if self.workers is None or self.workers > 0 or self.kind == "joblib":  # to joblib, -1 means all
            return []
        return [f"launch.workers: got {self.workers}, expected a whole number > 0, or null for one for each core"]

"""Jobs for workers that are started by hand, on any machine that sees the folder."""

from __future__ import annotations

from dataclasses import dataclass

from nnexp.launch.launchers.base import Launcher
from nnexp.launch.pulled import Pulled


@dataclass
class Workers(Pulled, Launcher):
    """Jobs wait in outputs/sweeps/NAME for workers, which `nnexp worker` starts on any machine that sees the folder."""

    kind: str = "workers"

    def engine(self) -> None:
        return None

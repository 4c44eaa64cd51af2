"""Jobs by workers on a Ray cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from nnexp.component import Rule, number, or_none, setting, whole
from nnexp.launch.launchers.base import Launcher
from nnexp.launch.pulled import Pulled

if TYPE_CHECKING:
    from nnexp.launch.engines.ray import RayEngine

ADDRESS = Rule("auto, or HOST:PORT", lambda text: bool(re.fullmatch(r"auto|[\w.-]+:\d+|\[[\da-fA-F:]+\]:\d+", text)))
AMOUNT = number(above=0)
AMOUNTS = Rule("amounts > 0 by name, such as {licence:1}", lambda amounts: all(map(AMOUNT.allows, amounts.values())))


@dataclass
class Ray(Pulled, Launcher):
    """Jobs by workers on a Ray cluster that is there: actors, each of which takes one job after the other."""

    kind: str = "ray"
    workers: Optional[int] = setting(4, help="how many jobs at once", rule=whole(1), counts=False)  # noqa: UP045
    address: str = setting(
        "auto", help="of the cluster; auto: the one that RAY_ADDRESS or this machine knows", rule=ADDRESS, counts=False
    )
    cores: int = setting(1, help="of each actor, which does so many jobs at once", rule=whole(1), counts=False)
    gigabytes: Optional[float] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        None, help="of memory, for each actor; null: whatever there is", rule=or_none(AMOUNT), counts=False
    )
    resources: dict[str, float] = setting(
        {}, help="of the cluster's own, for each actor: {licence:1}", rule=AMOUNTS, counts=False
    )

    @property
    def options(self) -> dict[str, Any]:
        """What Ray is told of these settings."""
        memory = {"memory": int(self.gigabytes * 1e9)} if self.gigabytes else {}
        return {"num_cpus": self.cores, "resources": dict(self.resources), **memory}

    def engine(self) -> RayEngine:
        from nnexp.launch.engines.ray import RayEngine

        return RayEngine(self.address, self.options, self.cores)

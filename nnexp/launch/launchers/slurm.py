"""Jobs by workers on a Slurm cluster."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from nnexp.component import Rule, or_none, setting, whole
from nnexp.launch.launchers.base import Launcher
from nnexp.launch.pulled import Pulled

if TYPE_CHECKING:
    from nnexp.launch.engines.slurm import SlurmEngine

OWN = ["array", "chdir", "export", "job-name", "open-mode", "output", "parsable", "requeue", "signal", "wait", "wrap"]
EARLY_SECONDS = 40  # Slurm warns up to 30 seconds too early, and a worker that can't start would be requeued for ever


def _matching(expected: str, expression: str) -> Rule:
    return Rule(expected, lambda text: bool(re.fullmatch(expression, text)))


def _are_directives(lines: Any) -> bool:
    options = [re.fullmatch(r"--([a-z][a-z-]*)(=[^\n\r\0]*)?", str(line)) for line in lines]
    return all(option and option[1] not in OWN for option in options)


NAME = _matching("a name, or '' for the cluster's default", r"[\w.,+@-]*")
SIZE = _matching("a size such as 2G or 512M, or '' for the cluster's default", r"(\d+[KMGT]?)?")
FEATURES = _matching("features as sbatch knows them, such as avx512 or 'intel|amd', or ''", r"[\w.,+@|&*()\[\]-]*")
DIRECTIVES = Rule(f"a list of options such as --gres=gpu:1, but none of --{', --'.join(OWN)}", _are_directives)


@dataclass
class Slurm(Pulled, Launcher):
    """Jobs by workers on a Slurm cluster: one job array of them, each of which takes one job after the other."""

    kind: str = "slurm"
    workers: Optional[int] = setting(4, help="how many jobs at once", rule=whole(1), counts=False)  # noqa: UP045
    cores: int = setting(
        1, help="of each task of the array, which does so many jobs at once", rule=whole(1), counts=False
    )
    nodes: Optional[int] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        None,
        help="at most so many at once: as many tasks, each with the cores that it takes; null: wherever there is room",
        rule=or_none(whole(1)),
        counts=False,
    )
    memory: str = setting("", help="of each task: 2G, 512M", rule=SIZE, counts=False)
    minutes: Optional[int] = setting(  # noqa: UP045  # OmegaConf reads annotations at run time
        None,
        help="time limit of a task; what is under way then is stored, and goes on when the task is back from the "
        "queue; null: the partition's",
        rule=or_none(whole(1)),
        counts=False,
    )
    warning_seconds: int = setting(
        60, help="before the time limit: time to store what is under way", rule=whole(1), counts=False
    )
    partition: str = setting("", help="in which to run", rule=NAME, counts=False)
    account: str = setting("", help="that is charged", rule=NAME, counts=False)
    constraint: str = setting("", help="features that a node has to have", rule=FEATURES, counts=False)
    directives: list[str] = setting(
        [], help="more options of sbatch, such as '--qos=long' or '--exclude=node7'", rule=DIRECTIVES, counts=False
    )
    setup: list[str] = setting([], help="lines of shell that come before a worker: 'module load gcc'", counts=False)

    def conflicts(self) -> list[str]:
        if self.minutes is None or self.minutes * 60 >= self.warning_seconds + EARLY_SECONDS:
            return []
        least = -(-(self.warning_seconds + EARLY_SECONDS) // 60)
        return [
            f"launch.minutes: got {self.minutes} with launch.warning_seconds={self.warning_seconds}, expected at least "
            f"{least}, or a shorter warning: Slurm's may come {EARLY_SECONDS - 10} seconds early"
        ]

    @property
    def cores_of_task(self) -> int:
        """A task is on one node, as a process is; so there are no more nodes than tasks (see sbatch on --nodes)."""
        return max(self.cores, math.ceil((self.workers or 1) / self.nodes)) if self.nodes else self.cores

    @property
    def options(self) -> list[str]:
        """What sbatch is told of these settings."""
        said = {
            "cpus-per-task": self.cores_of_task,
            "mem": self.memory,
            "time": self.minutes,
            "partition": self.partition,
            "account": self.account,
            "constraint": self.constraint,
        }
        given = [f"--{name}={value}" for name, value in said.items() if value]
        return ["--nodes=1", "--ntasks=1", f"--signal=B:TERM@{self.warning_seconds}", *given, *self.directives]

    def engine(self) -> SlurmEngine:
        from nnexp.launch.engines.slurm import SlurmEngine

        return SlurmEngine(self.options, self.setup, self.cores_of_task)

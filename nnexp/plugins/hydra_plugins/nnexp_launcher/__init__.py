"""`hydra/launcher: nnexp`: a sweep's jobs in worker processes, as many at once as there are cores.

Lives here because Hydra makes launchers only of classes below `hydra_plugins`. Works for any Hydra application.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, configure_log, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict, read_write


@dataclass
class LauncherConfig:
    """workers: how many jobs at once; None: one for each core. Ours is the setting `launch.workers`."""

    _target_: str = "hydra_plugins.nnexp_launcher.WorkersLauncher"  # Hydra's own way to name a plugin
    workers: Any = "${oc.select:launch.workers,null}"


ConfigStore.instance().store(group="hydra/launcher", name="nnexp", node=LauncherConfig, provider="nnexp")


class JobDied(Exception):
    """A job has taken its process with it."""


class WorkersLauncher(Launcher):
    """Launches jobs in worker processes; a job that ends its process is a failed job, and the others go on."""

    def __init__(self, workers: int | None) -> None:
        self._workers = workers

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        from nnexp.launch.preload import warm

        self._hydra_context = hydra_context
        self._task_function = task_function
        self._config = config
        warm(task_function)

    def at_most(self, workers: int) -> None:
        """Start no more workers than that, whatever the setting: there is no memory for more."""
        self._workers = workers

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run the jobs; all configurations are composed before the first starts, and change no more."""
        from nnexp.launch.base import Launch
        from nnexp.launch.display import display
        from nnexp.launch.workers import run_all

        setup_globals()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose)
        Path(str(self._config.hydra.sweep.dir)).mkdir(parents=True, exist_ok=True)
        compose = self._composer()
        configs = [self._composed(compose, words, initial_job_idx + n) for n, words in enumerate(job_overrides)]
        at_once = Launch(workers=self._workers).at_once
        with display([" ".join(config.hydra.overrides.task) for config in configs], _failure) as show:
            outcomes = run_all(self._start(), configs, min(at_once, len(configs)), show)
        return [
            outcome
            if isinstance(outcome, JobReturn)
            else _failed(config, JobDied(f"job {config.hydra.job.num} {outcome.how}"))
            for config, outcome in zip(configs, outcomes, strict=True)
        ]

    def _composer(self) -> Callable[[Sequence[str]], DictConfig]:
        """How a job's overrides become its configuration: Hydra's way, or for our own jobs the same thing faster."""
        from nnexp.config.composer import Composer
        from nnexp.config.schema import is_plain
        from nnexp.launch.preload import is_ours

        loader = self._hydra_context.config_loader
        ours = is_ours(self._task_function)
        return Composer(
            lambda words: loader.load_sweep_config(self._config, list(words)), lambda name: ours and is_plain(name)
        )

    def _composed(
        self, compose: Callable[[Sequence[str]], DictConfig], overrides: Sequence[str], number: int
    ) -> DictConfig:
        config = compose(overrides)
        with read_write(config), open_dict(config):
            config.hydra.overrides.task = [word for word in overrides if not word.startswith("hydra.")]
            config.hydra.job.id = f"job_{number}"
            config.hydra.job.num = number
        return config

    def _start(self) -> Callable[[], Callable[[DictConfig], JobReturn]]:
        """What a worker begins with."""
        hydra_context, task_function, state = self._hydra_context, self._task_function, Singleton.get_state()

        def start() -> Callable[[DictConfig], JobReturn]:
            setup_globals()
            Singleton.set_state(state)
            return partial(
                _run,
                task_function=task_function,
                hydra_context=hydra_context,
                job_dir_key="hydra.sweep.dir",
                job_subdir_key="hydra.sweep.subdir",
            )

        return start


def _run(config: DictConfig, **how: Any) -> JobReturn:
    try:
        return run_job(config=config, **how)
    except OSError as error:  # the job was not begun: Hydra could not make its folder or its log
        from nnexp.errors import of_the_disk

        return _failed(config, of_the_disk(error) or error)


def _failure(outcome: Any) -> str:
    """Why a job failed, whose outcome is what Hydra is told, or `Died`; nothing if it did not."""
    if not isinstance(outcome, JobReturn):
        return str(outcome.how)
    return "" if outcome.status is JobStatus.COMPLETED else str(outcome._return_value)


def _failed(config: DictConfig, error: Exception) -> JobReturn:
    """What Hydra is told of a job that was not begun, or did not come back."""
    overrides: Any = OmegaConf.to_container(config.hydra.overrides.task)
    return JobReturn(overrides=overrides, status=JobStatus.FAILED, _return_value=error)

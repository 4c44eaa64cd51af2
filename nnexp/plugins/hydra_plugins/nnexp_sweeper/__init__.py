"""`hydra/sweeper: nnexp`: tells Hydra of our sweeps, which `nnexp.sweep.plan` plans and `nnexp.sweep.run` runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict


@dataclass
class SweeperConfig:
    """params: settings and their values, for a preset that is a sweep; the command line goes before them."""

    _target_: str = "hydra_plugins.nnexp_sweeper.DurableSweeper"  # Hydra's own way to name a plugin
    params: dict[str, Any] = field(default_factory=dict)


ConfigStore.instance().store(group="hydra/sweeper", name="nnexp", node=SweeperConfig, provider="nnexp")


class DurableSweeper(Sweeper):
    """Passes a sweep on to `nnexp.sweep.plan` and `nnexp.sweep.run`, with Hydra's ways to compose and to launch."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._loader = hydra_context.config_loader
        self._config = config
        self._launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Any:
        """Do what is left of the sweep; gives what came of each job."""
        from nnexp.config.composer import Composer
        from nnexp.config.schema import is_plain
        from nnexp.runtime.signals import Interrupts
        from nnexp.sweep.plan import plan
        from nnexp.sweep.run import show, sweep

        typed = {word.partition("=")[0].lstrip("+~") for word in arguments}
        preset = [f"{name}={value}" for name, value in self._params.items() if name not in typed]
        parser = OverridesParser.create(self._loader)
        settings: Any = OmegaConf.to_object(self._config.sweep)
        with Interrupts():  # so that a signal which a library swallows, while it is imported, starts no job
            planned = plan([*preset, *arguments], settings, parser, Composer(self._compose, is_plain))
        if settings.plan:
            show(planned)
            return []
        if hasattr(self._launcher, "at_most"):  # ours; others have settings of their own
            self._launcher.at_most(planned.at_once)
        return sweep(planned, self._launch)

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        composed = self._loader.load_sweep_config(self._config, list(overrides))
        with open_dict(composed):
            del composed["hydra"]
        return composed

    def _launch(self, job_overrides: Sequence[Sequence[str]]) -> Sequence[JobReturn]:
        from nnexp.runtime import files

        folder = Path(str(self._config.hydra.sweep.dir)).resolve()
        try:
            with files.taken(folder, files.SWEEP):
                return self._launcher.launch(job_overrides, initial_job_idx=_first_free(folder))
        finally:
            files.forget_empty(folder, Path(str(self._config.hydra.runtime.cwd)) / "outputs")


def _first_free(folder: Path) -> int:
    """The number of the first job: an earlier command's jobs may have folders here, which are called after numbers."""
    numbers = [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    return 1 + max(numbers, default=-1)

"""`hydra/sweeper: nnexp`: tells Hydra of our sweeps, which `nnexp.sweeps.plan` plans and `nnexp.sweeps.run` runs."""

import copy
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

if TYPE_CHECKING:
    from nnexp.runner.job import Job, Place
    from nnexp.sweeps.job_outcomes import Places


@dataclass
class SweeperConfig:
    """params: settings and their values, for a preset that is a sweep; the command line goes before them."""

    _target_: str = "hydra_plugins.nnexp_sweeper.DurableSweeper"  # Hydra's own way to name a plugin
    params: dict[str, Any] = field(default_factory=dict)


ConfigStore.instance().store(group="hydra/sweeper", name="nnexp", node=SweeperConfig, provider="nnexp")


class DurableSweeper(Sweeper):
    """Passes a sweep on to `nnexp.sweeps`, with Hydra's way to compose, and to name a job's folder and its log."""

    def __init__(self, params: dict[str, Any]) -> None:
        self._params = params

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self._loader = hydra_context.config_loader
        self._config = config
        self._of_job: Any = copy.deepcopy(config)
        for each in (self._of_job, self._of_job.hydra):
            OmegaConf.set_readonly(each, False)
            OmegaConf.set_struct(each, False)
        verbose = config.hydra.verbose
        self._verbose: Any = OmegaConf.to_container(verbose) if OmegaConf.is_config(verbose) else verbose
        self._job: Job | None = None  # whose settings are in there

    def sweep(self, arguments: list[str]) -> Any:
        """Do what is left of the sweep; gives the outcome of each job."""
        from nnexp.runtime.waiting import quiet

        with quiet():
            return self._sweep(arguments)

    def _sweep(self, arguments: list[str]) -> Any:
        from nnexp.runtime.loading import loading

        with loading("what sweeps"):
            from nnexp.config.composer import Composer
            from nnexp.config.schema import is_plain
            from nnexp.config.several import with_those_of
            from nnexp.runtime.signals import Interrupts
            from nnexp.sweeps.job_outcomes import Places
            from nnexp.sweeps.plan import plan
            from nnexp.sweeps.run import show, sweep

        _refuse_what_is_not_heard(self._config.hydra)
        words, parser = with_those_of(self._params, arguments), OverridesParser.create(self._loader)
        settings: Any = OmegaConf.to_object(self._config.sweep)
        places = Places(Path(str(self._config.hydra.sweep.dir)), self._place)
        if self._config.search.kind != "none":
            return self._search(words, settings, parser, places)
        with Interrupts():  # so that a signal which a library swallows, while it is imported, starts no job
            planned = plan(words, settings, parser, Composer(self._compose, is_plain))
        if settings.plan:
            show(planned)
            return []
        return sweep(planned, places, sys.argv[1:])

    def _search(self, words: list[str], settings: Any, parser: OverridesParser, places: "Places") -> Any:
        """Do what is left of a search; gives its trials."""
        from nnexp.runtime.loading import loading

        with loading("what searches"):
            from nnexp.config.composer import Composer
            from nnexp.config.schema import is_plain
            from nnexp.runtime.signals import Interrupts
            from nnexp.searches.plan import plan_search
            from nnexp.searches.run import search, show

        with Interrupts():
            planned = plan_search(words, settings, parser, Composer(self._compose, is_plain))
        if settings.plan:
            show(planned)
            return []
        return search(planned, places, sys.argv[1:])

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        composed = self._loader.load_sweep_config(self._config, list(overrides))
        with open_dict(composed):
            del composed["hydra"]
        return composed

    def _place(self, number: int, job: "Job") -> "Place":
        """Where a job writes, as Hydra's settings say it, which may name the job's number and its settings."""
        from nnexp.config.job_log import in_a_sweep
        from nnexp.runner.job import Place

        hydra, looked_into = self._with_hydra(number, job).hydra, HydraConfig.instance()
        before, looked_into.cfg = looked_into.cfg, self._of_job  # what ${hydra:...} looks into
        try:
            folder = Path(str(hydra.sweep.dir)) / str(hydra.sweep.subdir)  # on another machine it may be elsewhere
            hydra.runtime.output_dir = str(folder)
            log: Any = OmegaConf.to_container(hydra.job_logging, resolve=True)
        finally:
            looked_into.cfg = before
        log["handlers"] = in_a_sweep(log.get("handlers", {}))
        return Place(folder, log, self._verbose)

    def _with_hydra(self, number: int, job: "Job") -> Any:
        """The job's configuration with Hydra's own for it: that of the job before, changed where this one differs."""
        hydra, how = self._of_job.hydra, self._config.hydra.job.config.override_dirname
        named = sorted(word for word in job.words if word.partition("=")[0].lstrip("+~") not in how.exclude_keys)
        hydra.overrides.task = list(job.words)
        hydra.job.num, hydra.job.id = number, f"job_{number}"
        hydra.job.override_dirname = how.item_sep.join(named).replace("=", how.kv_sep)
        for each in fields(job.config):
            setting = getattr(job.config, each.name)
            if self._job is None or getattr(self._job.config, each.name) != setting:
                self._of_job[each.name] = OmegaConf.structured(setting) if is_dataclass(setting) else setting
                if each.name in hydra.runtime.choices:
                    hydra.runtime.choices[each.name] = setting.kind
        self._job = job
        return self._of_job


def _refuse_what_is_not_heard(hydra: DictConfig) -> None:
    """Raise `ConfigError` for settings of Hydra's own launchers, which have no part in our sweeps."""
    from nnexp.errors import ConfigError
    from nnexp.launch.launchers.base import Launcher

    problems = []
    typed: Any = OmegaConf.to_container(hydra.overrides.hydra, resolve=False)
    launchers = [word for word in typed if word.lstrip("+~").startswith(("hydra/launcher", "hydra.launcher"))]
    if (chosen := hydra.runtime.choices["hydra/launcher"]) != "basic" and not launchers:
        launchers = [f"hydra/launcher={chosen}"]
    if launchers:
        ways = ", ".join(f"launch={kind}" for kind in sorted(Launcher.kinds()))
        problems.append(f"hydra/launcher: got {launchers[0]}, expected one of {ways}")
    others = {"hydra.job.chdir": hydra.job.chdir, "hydra.job.env_set": dict(hydra.job.env_set)}
    others |= {"hydra.output_subdir": hydra.output_subdir}
    problems += [
        f"{name}: got {value}, which a sweep's jobs have no use for; hydra/sweeper=basic does"
        for name, value in others.items()
        if value not in (None, False, {})
    ]
    if problems:
        raise ConfigError(problems)

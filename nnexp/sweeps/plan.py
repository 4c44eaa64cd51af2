"""What a sweep is going to do: its jobs, composed and checked, what is known of each, and how long it will take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.composer import Composer
from nnexp.config.naming import shared_name
from nnexp.config.schema import Config, flat
from nnexp.config.sweep_settings import Membership, Sweep
from nnexp.data.cache import read_for_all
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.identity import run_key
from nnexp.printable import counted
from nnexp.runner.job import Job
from nnexp.runner.preparation import data_for, memory_needed, new_network
from nnexp.runtime.cores import cores, more_than_cores
from nnexp.runtime.memory import free_memory, in_gigabytes, too_large
from nnexp.runtime.waiting import doing
from nnexp.sweeps.composed import Composed, as_one_value, check_all_against, compose_all
from nnexp.sweeps.exclusions import Condition
from nnexp.sweeps.grid import axes, split
from nnexp.sweeps.resume import known_runs
from nnexp.tracking.palette import COLOR, groups_of
from nnexp.tracking.provenance import made_by_others
from nnexp.train.timing import seconds_per_epoch

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore, StoredRun

log = logging.getLogger(__name__)

MEASURED_SECONDS = 1.0  # for each size of network


@dataclass(frozen=True)
class Plan:
    """The jobs of a sweep, in the order of the command line, and what is known of them by key.

    at_once: how many of them run at the same time.
    """

    jobs: Sequence[Job]
    store: RunStore | None
    known: dict[str, StoredRun]
    datasets: dict[str, Dataset]
    at_once: int

    @property
    def config(self) -> Config:
        """The configuration that all jobs share but for what varies."""
        return self.jobs[0].config

    @property
    def name(self) -> str:
        """What the sweep is called."""
        return self.jobs[0].membership.sweep

    @property
    def over(self) -> tuple[str, ...]:
        """The settings that vary."""
        return self.jobs[0].membership.over

    @property
    def shared(self) -> str:
        """What all jobs have: `784-30-10`, and whatever else is not what it is by default; empty if that is nothing."""
        return shared_name(self.config, self.over)

    @property
    def done(self) -> list[Job]:
        """The jobs whose run is finished already."""
        return [job for job in self.jobs if job.key in self.known and self.known[job.key].finished]

    def made_by_others(self) -> list[str]:
        """What another numpy, scipy or BLAS kernel has made of what is done, a line for each difference."""
        differences = made_by_others([self.known[job.key].tags for job in self.done])
        return [
            f"{count} done before may not be what this machine gives, to the last bit: {difference}"
            for difference, count in differences.items()
        ]

    def seconds(self) -> dict[str, float]:
        """How long each job will train, by key, from a measurement of about a second for each size of network."""
        paces: dict[str, float] = {}
        estimates = {}
        for job in self.jobs:
            config = job.config
            arithmetic = repr([config.sizes, config.mini_batch_size, config.dtype, config.threads, config.data])
            arithmetic += repr([config.activation, config.cost, config.optimiser, config.regulariser, config.average])
            arithmetic += repr([config.train_size, config.augment, config.dropout, config.engine])
            if arithmetic not in paces:
                dataset = data_for(config, self.datasets[repr(config.data)])
                network = new_network(config, dataset)
                paces[arithmetic] = seconds_per_epoch(network, dataset, config, MEASURED_SECONDS)
            estimates[job.key] = config.epochs * paces[arithmetic]
        return estimates


def plan(
    arguments: Sequence[str],
    settings: Sweep,
    parser: OverridesParser,
    compose: Composer,
    free: Callable[[], int] = free_memory,
) -> Plan:
    """The plan of the sweep that these words describe. settings: of the sweep as such, from the same words.

    free: tells how many bytes of memory are. Raises `ConfigError` with every job's problems at once, `DataError` and
    `TrackingError`.
    """
    if problems := settings.problems():
        raise ConfigError(problems)
    fixed, values = split(arguments, parser)
    axis = axes(fixed, values, parser, settings)
    try:
        composed = compose_all(axis.jobs, compose)
    except ConfigError as error:
        raise ConfigError(as_one_value(error.problems, fixed, values, compose)) from error
    composed = _without_excluded(composed, settings.exclude)
    over = _varying(axis.over, [config for config, _ in composed])
    return planned(composed, settings.name or axis.name, over, free())


def planned(composed: Sequence[Composed], name: str, over: tuple[str, ...], free: int) -> Plan:
    """The plan of a sweep of these jobs. name: what it is called. over: what varies. free: memory, in bytes."""
    configs = [config for config, _ in composed]
    tracking, resume = configs[0].tracking, configs[0].resume
    if any(config.tracking != tracking for config in configs):
        raise ConfigError(["tracking: varies, expected one place where all jobs of a sweep are remembered"])
    with doing("reading data"):
        loaded = read_for_all([config.data for config in configs])
    check_all_against(configs, loaded)
    membership = Membership(name, over)
    jobs: dict[str, Job] = {}
    for config, words in composed:
        key = run_key(flat(config), loaded[repr(config.data)].sha256)
        sweep = replace(config.sweep, name=membership.sweep, plan=False)
        jobs.setdefault(key, Job(replace(config, sweep=sweep), membership, key, tuple(words)))
    if len(jobs) < len(configs):
        log.info("left out, since another is the same run: %s", counted(len(configs) - len(jobs), "job"))
    at_once = jobs_at_once(list(jobs.values()), loaded, free)
    store = tracking.open()
    with doing(f"looking for what is known of {counted(len(jobs), 'job')}"):
        known = known_runs(list(jobs.values()), store, resume)
    return Plan(_grouped(list(jobs.values()), known), store, known, loaded, at_once)


def _without_excluded(composed: list[Composed], exclude: str | None) -> list[Composed]:
    """The jobs that do not meet the condition; raises `ConfigError` if all do."""
    if exclude is None:
        return composed
    condition = Condition(exclude)
    left = [each for each in composed if not condition.holds(flat(each[0]))]
    if not left:
        raise ConfigError([f"sweep.exclude: got {exclude!r}, which leaves out every job"])
    return left


def jobs_at_once(jobs: Sequence[Job], datasets: dict[str, Dataset], free: int) -> int:
    """How many jobs may run at the same time; raises `ConfigError` naming each that alone does not fit into memory."""
    launch = jobs[0].config.launch
    needed = [memory_needed(job.config, datasets[repr(job.config.data)]) for job in jobs]
    told = [(job.name, too_large(most, free)) for job, most in zip(jobs, needed, strict=True)]
    if problems := [f"{name}: {problem}" for name, problem in told if problem]:
        raise ConfigError(list(dict.fromkeys(problems)))
    wanted, most = launch.at_once, max(needed)
    if launch.elsewhere:
        return wanted
    fitting = min(wanted, free // most)
    if fitting < min(wanted, len(jobs)):
        each = f"one needs about {in_gigabytes(most)} of memory, and {in_gigabytes(free)} are free"
        log.warning("%d jobs at once, not %d: %s", fitting, wanted, each)
    for name, count in (("launch.workers", wanted), ("threads", max(job.config.threads for job in jobs))):
        if count > cores():
            log.warning("%s", more_than_cores(name, count))
    return fitting


def _grouped(jobs: Sequence[Job], known: dict[str, StoredRun]) -> list[Job]:
    """The jobs, each told which of the sweep's settings it has."""
    colors = [known[job.key].tags.get(COLOR) if job.key in known else None for job in jobs]
    groups = groups_of([job.varying for job in jobs], colors)
    return [
        replace(job, membership=replace(job.membership, group=group)) for job, group in zip(jobs, groups, strict=True)
    ]


def _varying(over: Sequence[str], configs: Sequence[Config]) -> tuple[str, ...]:
    """The settings that tell the jobs apart: those of the command line, and what a swept preset changes beside them."""
    settings = [flat(config) for config in configs]
    names = list(dict.fromkeys(name for each in settings for name in each))
    named = [name.lstrip("+") for name in over if name.lstrip("+") in names]
    if len(named) == len(over):
        return tuple(named)
    different = [name for name in names if any(each.get(name) != settings[0].get(name) for each in settings)]
    return (*named, *(name for name in different if name not in named))

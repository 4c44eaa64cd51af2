"""Whether a search can begin: every end of its space composed, held against the data and the memory there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nnexp.config.composer import Composer
from nnexp.config.schema import Config
from nnexp.config.sweep_settings import Membership
from nnexp.data.cache import read_for_all
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.runner.job import Job
from nnexp.runner.preparation import memory_needed
from nnexp.runtime.memory import free_memory
from nnexp.search.space import SEED, Space
from nnexp.sweep.plan import as_one_value, check_all_against, compose_all, jobs_at_once

Suggested = dict[str, str]  # a trial's settings as words, by name


@dataclass(frozen=True)
class Checked:
    """What was found right.

    configs: of the ends, the first of which has the first of everything. datasets: by their source as text. at_once:
    how many of the largest jobs fit into memory, and are wanted, at the same time.
    """

    configs: Sequence[Config]
    datasets: dict[str, Dataset]
    at_once: int


def check(space: Space, compose: Composer, free: Callable[[], int] = free_memory) -> Checked:
    """Compose the ends of the space: of each dimension both ends or every word, the others at their first.

    free: tells how many bytes of memory are. Raises `ConfigError` with what is wrong with any of them, each problem
    once, and `DataError`.
    """
    ends = list(_ends(space))
    try:
        configs = [config for config, _ in compose_all([_words(space, end) for end in ends], compose)]
    except ConfigError as error:
        values = {each.name: [f"{each.name}={word}" for word in each.ends] for each in space.dimensions}
        raise ConfigError(as_one_value(error.problems, space.fixed, values, compose)) from error
    datasets = read_for_all([config.data for config in configs])
    check_all_against(configs, datasets)
    jobs = [_job(config, end) for config, end in zip(configs, ends, strict=True)]
    with suppress(ConfigError):  # of settings that are right each, but not together: no trial has them
        largest = _largest(space, jobs, ends, datasets)
        jobs = [_job(compose.config(_words(space, largest)), largest)]
    return Checked(configs, datasets, jobs_at_once(jobs, datasets, free()))


def _ends(space: Space) -> Iterator[Suggested]:
    """The settings to compose; those of a choice with the first choice that has them."""
    yield _suggestion(space, {})
    for each in space.dimensions:
        group = each.name.partition(".")[0]
        for end in each.ends:
            yield _suggestion(space, {group: space.parts.having(each.name)[0], each.name: end})


def _suggestion(space: Space, wanted: Mapping[str, str]) -> Suggested:
    """What a trial would have that chooses these, and of everything else the first."""
    suggested: Suggested = {}
    for each in space.dimensions:
        if space.parts.has(each.name, suggested):
            suggested[each.name] = wanted.get(each.name, each.ends[0])
    return suggested


def _largest(space: Space, jobs: Sequence[Job], ends: Sequence[Suggested], datasets: dict[str, Dataset]) -> Suggested:
    """Of each dimension the end that needs most memory."""
    needed = [memory_needed(job.config, datasets[repr(job.config.data)]) for job in jobs]
    wanted: dict[str, str] = {}
    for each in space.dimensions:
        having = [(need, end[each.name]) for need, end in zip(needed, ends, strict=True) if each.name in end]
        wanted[each.name] = max(having, key=lambda found: found[0])[1]
    return _suggestion(space, wanted)


def _words(space: Space, suggested: Suggested) -> list[str]:
    return [*space.words(suggested), *([f"{SEED}={space.seeds[0]}"] if space.seeds else [])]


def _job(config: Config, suggested: Suggested) -> Job:
    return Job(config, Membership("search", tuple(suggested)), key="")

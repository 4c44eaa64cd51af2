"""Whether a search can begin: every end of its space composed, held against the data and the memory there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nnexp.config.composer import Composer
from nnexp.config.schema import Config, flat
from nnexp.config.sweep_settings import Membership
from nnexp.data.cache import read_for_all
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.runner.job import Job
from nnexp.runner.preparation import memory_needed
from nnexp.runtime.memory import free_memory
from nnexp.searches.dimensions import Choice
from nnexp.searches.space import SEED, Space
from nnexp.sweeps.composed import as_one_value, check_all_against, compose_all
from nnexp.sweeps.plan import jobs_at_once

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
    ends = list({repr(end): end for end in _ends(space)}.values())
    try:
        configs = [config for config, _ in compose_all([_words(space, end) for end in ends], compose)]
    except ConfigError as error:
        listed = [each for each in space.dimensions if isinstance(each, Choice)]
        values = {each.name: [f"{each.name}={word}" for word in each.words] for each in listed}
        raise ConfigError(as_one_value(error.problems, space.fixed, values, compose)) from error
    datasets = read_for_all([config.data for config in configs])
    check_all_against(configs, datasets)
    largest = _largest(space, configs, datasets)
    over = tuple(each.name for each in space.dimensions if each.name in flat(largest))
    job = Job(largest, Membership("search", over), key="")
    return Checked(configs, datasets, jobs_at_once([job] * largest.launch.at_once, datasets, free()))


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


def _largest(space: Space, configs: Sequence[Config], datasets: dict[str, Dataset]) -> Config:
    """Of everything that varies what needs most memory, together, whether a trial can have that or not."""
    largest = configs[0]
    varied = list(dict.fromkeys(each.name.partition(".")[0] for each in space.dimensions))
    for name in (*varied, *varied):  # once more, for what makes no difference where others are small
        values = {repr(value): value for value in (getattr(config, name) for config in configs)}
        having = (replace(largest, **{name: value}) for value in values.values())
        largest = max(having, key=lambda config: memory_needed(config, datasets[repr(config.data)]))
    return largest


def _words(space: Space, suggested: Suggested) -> list[str]:
    return [*space.words(suggested), *([f"{SEED}={space.seeds[0]}"] if space.seeds else [])]

"""What a search is going to do: its space, checked at every end, the seeds of a trial, and the run that a trial is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.checks import check_against
from nnexp.config.composer import Composer
from nnexp.config.schema import Config, flat
from nnexp.config.sweep_settings import Membership, Sweep
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.identity import counts, run_key
from nnexp.runner.job import Job
from nnexp.runtime.memory import free_memory
from nnexp.searches.checked import check
from nnexp.searches.space import SEED, Space, space
from nnexp.study.question import Question
from nnexp.study.samplers.base import Sampler
from nnexp.study.trials import Asked, Drawing

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore

FOLDER = Path("outputs") / "searches"  # of all of a folder's searches, each in one of its own
JOURNAL = "study.journal"
MAY_CHANGE = ("trials", "timeout", "confirm")  # settings of a search that goes on
DIGITS = 8  # of a hash
NAMED = 3  # settings in a search's name


@dataclass(frozen=True)
class SearchPlan:
    """A search that can begin.

    default: the configuration of what nobody has chosen; None if that is none, or does not fit the data. ends:
    configurations with every end of the space. datasets: by
    their source as text. at_once: how many jobs run at the same time. about: what makes it this search, and no other
    of the same name.
    """

    name: str
    space: Space
    default: Config | None
    ends: Sequence[Config]
    seeds: Sequence[int]
    datasets: Mapping[str, Dataset]
    at_once: int
    store: RunStore | None
    compose: Composer
    about: Mapping[str, Any]

    @property
    def config(self) -> Config:
        """The first of everything: of what does not vary, what all jobs have."""
        return self.ends[0]

    @property
    def sampler(self) -> Sampler:
        """What chooses."""
        return self.config.search

    @property
    def objectives(self) -> list[str]:
        return self.sampler.objectives

    @property
    def limit(self) -> int | None:
        return self.sampler.trials

    @property
    def timeout(self) -> float | None:
        return self.sampler.timeout

    @property
    def size(self) -> int | None:
        return self.space.size

    @property
    def over(self) -> tuple[str, ...]:
        """The settings that vary."""
        return (*self.space.names, SEED) if len(self.seeds) > 1 else self.space.names

    @property
    def epochs(self) -> int:
        """The most that a trial has."""
        return max(config.epochs for config in self.ends)

    @property
    def membership(self) -> Membership:
        """What its runs are part of."""
        return Membership(self.name, self.over)

    @property
    def examples(self) -> list[Job]:
        """A job for each end of the space: what there is in it, as far as time, memory and machine code go."""
        return [Job(config, self.membership, run_key(flat(config), self._sha256(config))) for config in self.ends]

    @property
    def journal(self) -> Path:
        """The file that the study lives in."""
        return (FOLDER / self.name / JOURNAL).absolute()

    @property
    def drawing(self) -> Drawing:
        """What the study draws a trial from."""
        values = self.space.values if self.sampler.kind == "grid" else {}
        return Drawing(self.sampler, self.space.suggest, values, self.epochs)

    def job(self, trial: Asked, seed: int) -> Job:
        """The run of this trial with this seed; `ConfigError` if its settings don't go together.

        That of the first seed asks the study whether to go on.
        """
        names = tuple(trial.suggested)
        membership = Membership(self.name, (*names, SEED) if len(self.seeds) > 1 else names, trial.number)
        config = self.compose.config(words := [*self.space.words(trial.suggested), f"{SEED}={seed}"])
        key = run_key(flat(config), self._sha256(config))
        sweep = replace(config.sweep, name=self.name, plan=False)
        question = self._question(trial) if seed == self.seeds[0] else None
        return Job(replace(config, sweep=sweep), membership, key, tuple(words), question)

    def _question(self, trial: Asked) -> Question | None:
        prune = self.sampler.prune
        journal = str(FOLDER / self.name / JOURNAL)  # on another machine this folder may have another name
        return None if prune == "none" else Question(journal, self.name, trial.number, prune, self.epochs)

    def _sha256(self, config: Config) -> str:
        return self.datasets[repr(config.data)].sha256


def plan_search(
    arguments: Sequence[str],
    settings: Sweep,
    parser: OverridesParser,
    compose: Composer,
    free: Callable[[], int] = free_memory,
) -> SearchPlan:
    """The plan of the search that these words describe. settings: of the sweep as such, from the same words.

    Raises `ConfigError` with all that is wrong with the space, at any of its ends, `DataError` and `TrackingError`.
    """
    if problems := settings.problems():
        raise ConfigError(problems)
    found = space(arguments, parser, compose, settings)
    checked = check(found, compose, free)
    config = checked.configs[0]
    if config.search.kind == "grid":
        found.values  # noqa: B018  # raises what an interval is in a grid
    if config.resume == "require":
        raise ConfigError(
            ["resume: got 'require' in a search, which chooses runs that are new: expected auto or never"]
        )
    if not config.launch.settings.get("wait", True):
        raise ConfigError(
            ["launch.wait: got False, expected true: a search chooses its next job by what has come of others"]
        )
    seeds, store = _seeds(found, config), config.tracking.open()
    about = _about(found, seeds, config, checked.datasets, store)
    name = settings.name or _name(found, config.search, about)
    default = _default(found, compose, checked.datasets)
    return SearchPlan(
        name, found, default, checked.configs, seeds, checked.datasets, checked.at_once, store, compose, about
    )


def _default(found: Space, compose: Composer, datasets: Mapping[str, Dataset]) -> Config | None:
    """What nobody has chosen, if it makes sense: default layers are of no use where the data are others."""
    try:
        config = compose.config(found.words({}))
        check_against(config, datasets[repr(config.data)])
    except (ConfigError, KeyError):
        return None
    return config


def _seeds(found: Space, config: Config) -> list[int]:
    """The seeds of each trial: those that are listed, or as many as are asked for from that of the settings on."""
    asked = config.search.seeds
    if found.seeds is None:
        return list(range(config.seed, config.seed + asked))
    if asked not in (1, len(found.seeds)):
        raise ConfigError([f"search.seeds: got {asked}, but seed has {len(found.seeds)} values; say one of both"])
    return found.seeds


def _about(
    found: Space, seeds: Sequence[int], config: Config, datasets: Mapping[str, Dataset], store: RunStore | None
) -> dict[str, Any]:
    """What makes it this search: with any of it different, its trials would say nothing of the new one's.

    config: the first of everything.
    """
    own = {f"search.{name}": value for name, value in config.search.settings.items() if name not in MAY_CHANGE}
    return {
        "search": config.search.kind,
        **own,
        **{name: value for name, value in flat(config).items() if counts(name) and name not in found.names},
        "seed": list(seeds),
        "space": found.in_words,
        "data": sorted({dataset.sha256[:DIGITS] for dataset in datasets.values()}),
        "runs": hashlib.sha256(store.identity.encode()).hexdigest()[:DIGITS] if store else "nowhere",
    }


def _name(found: Space, sampler: Sampler, about: Mapping[str, Any]) -> str:
    """What the search is called if nobody says: what it goes over, and a few digits of a hash of all that it is."""
    names = [each.name.lstrip("+") for each in found.dimensions]
    over = "-".join(names[:NAMED]) + (f"-{len(names) - NAMED}-more" if names[NAMED:] else "")
    return f"{sampler.kind}-{over}-{hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:6]}"

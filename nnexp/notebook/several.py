"""Sweeps and searches from Python: the words that the command would be typed with, planned and done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.comparison.comparison import compare
from nnexp.comparison.load import trials as trials_of
from nnexp.config.command_line import CommandLine
from nnexp.config.compose import several
from nnexp.config.composer import Composer
from nnexp.config.errors import problems_of_line
from nnexp.config.schema import SWEEP
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError, NnexpError
from nnexp.notebook.kernel import workers_end_first
from nnexp.notebook.live import shown_jobs
from nnexp.notebook.places import new_places
from nnexp.notebook.results import Found, Swept
from nnexp.notebook.words import words_of_several
from nnexp.searches.plan import plan_search
from nnexp.searches.run import search as do_search
from nnexp.study.samplers.base import Sampler
from nnexp.sweeps.plan import plan
from nnexp.sweeps.report import REPORT
from nnexp.sweeps.run import sweep as do_sweep
from nnexp.tracking.run_store import RunStore
from nnexp.tracking.tags import CONFIRMED

Planned = TypeVar("Planned")
Planner = Callable[[Sequence[str], Sweep, OverridesParser, Composer], Planned]


def sweep(name: str | None = None, **settings: Any) -> Swept:
    """Train every combination of what is listed, look up what is done before; gives what they come to.

        sweep(eta=[0.5, 1, 3], seed=range(5))

    name: what the sweep is called; None: after what it goes over. settings: of the command line; a list, tuple or
    range has a value for each of its items, but a setting that is a list itself, such as `sizes`, takes a list of
    lists: `sizes=[[784, 30, 10], [784, 100, 10]]`. Raises `nnexp.errors.SweepFailed` at the end if jobs failed, and
    what `train_run` raises.
    """
    words = _named(name, words_of_several(settings))
    with _planned(plan, words) as planned:
        outcomes = do_sweep(planned, new_places(), [SWEEP[1], *words], told=False, shown=shown_jobs)
    store = planned.store
    if store is None:
        return Swept(planned.name, planned.over, outcomes)
    comparison = compare(f"sweep {planned.name}", trials_of(store, store.members(planned.name)))
    return Swept(planned.name, planned.over, outcomes, comparison, _where(store, planned.name, planned.over))


def search(sampler: str = "tpe", trials: int | None = None, name: str | None = None, **settings: Any) -> Found:
    """Let the sampler choose what to try, prune what is hopeless if asked, and confirm the best by fresh seeds.

        search("tpe", trials=20, eta=interval(0.1, 10, log=True), mini_batch_size=[5, 10, 20, 50])

    sampler: tpe, random, qmc, cmaes, gp, grid or nsga2. trials: how many settings to try; None: the sampler's own
    number. name: what the search is called. settings: as of `sweep`, and `interval`. Raises as `sweep` does.
    """
    known = [kind for kind, each in Sampler.kinds().items() if each().searches]
    if sampler not in known:
        raise ConfigError([f"sampler: got {sampler!r}, expected one of {', '.join(known)}"])
    asked = {"search": sampler} | ({} if trials is None else {"search.trials": trials})
    words = _named(name, words_of_several(asked | settings))
    with _planned(plan_search, words) as planned:
        found = do_search(planned, new_places(), [SWEEP[1], *words], told=False, shown=shown_jobs)
    if found is None:
        raise NnexpError(f"search {planned.name}: its store can't be read any more; the same call again goes on")
    where = _where(planned.store, planned.name, planned.over) if planned.store else []
    if found.confirmation:
        where.append(f"fresh   nnexp.compare({planned.name + CONFIRMED!r})")
    return Found(found, where)


def _named(name: str | None, words: list[str]) -> list[str]:
    return words if name is None else [*words, f"sweep.name={name}"]


@contextmanager
def _planned(planner: Planner[Planned], words: Sequence[str]) -> Iterator[Planned]:
    """The plan of these words, to be done while this lasts; raises `ConfigError` with all that is wrong with them."""
    workers_end_first()
    try:
        with several(words) as (every, settings, parser, made):
            yield planner(every, settings, parser, made)
    except NnexpError:
        raise
    except Exception as error:  # Hydra's, OmegaConf's, and Python's own that they let pass
        problems = problems_of_line(CommandLine([SWEEP[1]], list(words)))
        if not problems:
            raise
        raise ConfigError(problems) from error


def _where(store: RunStore, sweep: str, over: Sequence[str]) -> list[str]:
    """Where to look at it, a line each."""
    summary = store.sweep_summary(sweep)
    places = {name: place for name, place in summary.addresses(over).items() if name == "look"}
    if summary.report_of:
        places["report"] = summary.place_of(REPORT)
    return [f"{name:8}{place}" for name, place in places.items()]

"""The configurations of many jobs, and what is wrong with any of them, each problem once."""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.config.checks import check_against
from nnexp.config.composer import Composer
from nnexp.config.errors import all_problems
from nnexp.config.schema import Config
from nnexp.data.dataset import Dataset
from nnexp.errors import ConfigError
from nnexp.printable import counted
from nnexp.runtime.waiting import doing

Composed = tuple[Config, Sequence[str]]  # a job, and the words that it is made from


def compose_all(job_overrides: Sequence[Sequence[str]], compose: Composer) -> list[Composed]:
    """The jobs' configurations, each with the words that it is made from.

    Raises `ConfigError` with what is wrong with any of them, each problem once.
    """
    composed, problems = [], []
    with doing(f"planning {counted(len(job_overrides), 'job')}"):
        for overrides in job_overrides:
            try:
                composed.append((compose.config(overrides), overrides))
            except ConfigError as error:
                problems += error.problems
            except Exception:  # Hydra lets Python's own pass
                found = all_problems(overrides, compose)
                if not found:
                    raise
                problems += found
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return composed


def as_one_value(
    problems: Sequence[str], fixed: list[str], values: dict[str, list[str]], compose: Composer
) -> list[str]:
    """The problems; those of a setting none of whose values is right as one, if together they may be: `sizes=64,10`."""
    told = list(problems)
    for name, words in values.items():
        of_it = [each for each in told if each.startswith(f"{name}: got")]
        if len(of_it) == len(words):
            together = f"{name}={','.join(word.partition('=')[2] for word in words)}"
            found = all_problems([*fixed, together], compose)
            better = [each for each in found if each.startswith(f"{name}: got") and "; write" in each]
            told = [*better, *(each for each in told if each not in of_it)] if better else told
    return told


def check_all_against(configs: Sequence[Config], datasets: dict[str, Dataset]) -> None:
    """Hold each configuration against its data; raises `ConfigError` with what does not fit, each problem once."""
    problems: list[str] = []
    for config in configs:
        try:
            check_against(config, datasets[repr(config.data)])
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))

"""Searches that have ended, made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from trials import trial as run

from nnexp.comparison.comparison import Comparison, compare
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial
from nnexp.study.objectives import VALIDATION

DEFAULT = {"eta": 3.0, "mini_batch_size": 10, "optimiser": "sgd"}


def tried(
    number: int, value: float | Sequence[float] | None = 0.9, state: Any = "complete", **settings: Any
) -> SearchTrial:
    """A trial; names of a choice's settings are written with two underscores for the dot."""
    values = () if value is None else (value,) if isinstance(value, float | int) else tuple(value)
    named = {name.replace("__", "."): chosen for name, chosen in settings.items()}
    top = values[0] if values else 0.8
    curve = {epoch: top - 0.3 / (epoch + 1) for epoch in range(4)}
    return SearchTrial(
        number=number,
        settings=named,
        state=state,
        values=values,
        seeds=3 if values else 1,
        test=values[0] - 0.004 if values else None,
        epochs=12 if values else 2,
        curve=curve,
        runs=(f"{number:02d}abcdef0123",) * (3 if values else 1),
    )


def search(*trials: SearchTrial, **more: Any) -> Searched:
    """A search of these trials."""
    return Searched(
        **{
            "name": "search-eta",
            "objectives": [VALIDATION],
            "space": ["eta: 0.1 to 10, logarithmic"],
            "logarithmic": frozenset({"eta"}),
            "trials": trials,
            "full_epochs": 4,
            "default": DEFAULT,
            "sampler": "tpe",
            "prune": "median",
        }
        | more
    )


def fresh(*settings: tuple[Mapping[str, Any], float, float], seeds: int = 6) -> Comparison:
    """The confirmation: for each setting its mean validation and test accuracy; seeds differ by a tenth of a point."""
    runs = []
    for number, (chosen, validation, test) in enumerate(settings):
        noise = np.random.default_rng(number).normal(0, 0.001, (seeds, 2))
        noise -= noise.mean(axis=0)
        runs += [
            run((0.1, validation + a), (0.1, test + b), **chosen, seed=1000 + seed) for seed, (a, b) in enumerate(noise)
        ]
    return compare("sweep search-eta-confirmed", runs)


def varied(count: int = 12, objectives: Sequence[str] = (VALIDATION,), **more: Any) -> Searched:
    """A search of eta and the optimiser, whose momentum is a setting of its own; number 2 was pruned, 3 has failed."""
    trials = []
    for number in range(count):
        momentum = {"optimiser": "momentum", "optimiser__momentum": 0.5 + 0.03 * number}
        chosen = {"eta": 0.1 * 1.5**number} | (momentum if number % 2 else {"optimiser": "sgd"})
        values = [0.9 + 0.01 * (number * 5 % count) / count, 10.0 + number * 3 % count, 1000.0 * (1 + number % 4)]
        state = {2: "pruned", 3: "failed"}.get(number, "complete")
        trials.append(tried(number, values[: len(objectives)] if state == "complete" else None, state, **chosen))
    return search(*trials, objectives=list(objectives), **more)

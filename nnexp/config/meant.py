"""Which setting, or which word of a choice, a word may have been meant to be."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from nnexp.config.schema import CHOICES, GROUPS, PLAIN

SYNONYMS = {
    "lr": "eta",
    "learning_rate": "eta",
    "layers": "sizes",
    "batch_size": "mini_batch_size",
    "early_stopping": "stopping.epochs",
    "patience": "stopping.epochs",
    "weight_decay": "regulariser.lmbda",
    "lambda": "regulariser.lmbda",
    "l2": "regulariser.lmbda",
}
WORDS = {  # of choices
    "softmax": "log_likelihood",
    "nll": "log_likelihood",
    "mse": "quadratic",
    "bayes": "tpe",
    "bayesian": "tpe",
    "optuna": "tpe",
    "cma": "cmaes",
    "early_stopping": "no_improvement",
    "weight_decay": "l2",
}


def did_you_mean(name: str) -> str:
    """The settings that look like it, or the choices that have it."""
    group, _, below = name.partition(".")
    if group in GROUPS and below:
        if having := _having(group, below):
            return f" of this choice of {group}; {having} has it"
        every = dict.fromkeys(each for names in _settings(group).values() for each in names)
        close = [f"{group}.{each}" for each in difflib.get_close_matches(below, every)]
    elif name.lower() in SYNONYMS:
        close = [_with_choice(SYNONYMS[name.lower()])]
    elif of_parts := [f"{each}.{name}" for each in GROUPS if _having(each, name)]:
        close = list(map(_with_choice, of_parts))
    else:
        close = difflib.get_close_matches(name.lower(), [*PLAIN, *CHOICES])
    return f"; did you mean {' or '.join(close)}?" if close else "; nnexp run --help lists them"


def nearest(word: str, known: Iterable[str]) -> str:
    """The one of these that the word looks like or is another name of; the word itself if there is none."""
    close = difflib.get_close_matches(WORDS.get(word.lower(), word.lower()), list(known), 1)
    return close[0] if close else word


def nearest_each(value: str, known: Iterable[str]) -> str:
    """The same for each word of a list."""
    return re.sub(r"[\w-]+", lambda word: nearest(word[0], known), value)


def _settings(group: str) -> dict[str, list[str]]:
    """The settings of each kind of part."""
    return {kind: [each.name for each in part.settings_fields()] for kind, part in GROUPS[group].kinds().items()}


def _having(group: str, below: str) -> str:
    """The choices that have a setting: `data=mnist_pickle or data=npz`; empty if none has."""
    return " or ".join(f"{group}={kind}" for kind, names in _settings(group).items() if below in names)


def _with_choice(name: str) -> str:
    """A setting, and which choices it belongs to: `regulariser.lmbda of regulariser=l2`."""
    group, _, below = name.partition(".")
    return f"{name} of {_having(group, below)}" if below else name

"""Telling users what is wrong with what they typed: every problem at once, a line each, exit code 2.

Hydra stops at the first setting that does not fit its type. Only after something has failed, this module
composes again, setting the culprits aside one by one, so that all of them are found and the values of the
others are checked too.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.errors import (
    CompactHydraException,
    ConfigCompositionException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from nnexp.config import CONF, GROUPS, RULES, config_from, unexpected
from nnexp.errors import ConfigError, redacted
from nnexp.words import typed

Compose = Callable[[Sequence[str]], DictConfig]


def composing_failed(error: CompactHydraException, arguments: Sequence[str]) -> ConfigError:
    """What to tell a user whose settings Hydra could not compose. arguments: the words after the program's name."""
    if "-m" in arguments or "--multirun" in arguments:
        return ConfigError([in_words(error, "")])
    overrides = [word for word in arguments if "=" in word and not word.startswith("-")]
    for flag, folder in pairwise(arguments):
        if flag in ("--config-dir", "-cd"):
            overrides.append(f"hydra.searchpath=['file://{Path(folder).absolute()}']")
    return ConfigError(problems_of_run(overrides) or [in_words(error, "")])


def problems_of_run(overrides: Sequence[str]) -> list[str]:
    """Every problem of a single run with these overrides."""
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return all_problems(overrides, lambda words: compose("config", list(words)))


def all_problems(overrides: Sequence[str], composed: Compose) -> list[str]:
    """Every problem of a run with these overrides. composed: what Hydra makes of overrides."""
    left = list(overrides)
    problems: list[str] = []
    unread: list[str] = []  # names of settings whose values could not be read: what is said of them further is not so
    while True:
        try:
            config_from(composed(left))
        except ConfigError as error:
            further = [each for each in error.problems if not any(each.startswith(f"{name}:") for name in unread)]
            return problems + further
        except (CompactHydraException, OmegaConfBaseException) as error:
            culprit = next((override for override in left if _is_about(error, override)), None)
            problems.append(in_words(error, culprit or ""))
            if culprit is None:
                return problems
            left.remove(culprit)
            unread.append(culprit.partition("=")[0])
        else:
            return problems


def _is_about(error: Exception, override: str) -> bool:
    """Whether Hydra's error is about this override."""
    if isinstance(error, OverrideParseException):
        return error.override == override
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return override.lstrip("+") == _as_override(error.missing_cfg_file)
    return override in str(error)


def _as_override(config_file: str) -> str:
    """`cost/foo`, a file that Hydra looked for, as what the user typed: `cost=foo`."""
    return "=".join(config_file.rsplit("/", 1))


def in_words(error: Exception, override: str) -> str:
    """Hydra's error as a message that names the setting, what was found and what was expected."""
    if isinstance(error, OverrideParseException):
        return f"{redacted(str(error.override))}: can't be read as setting=value. {_how_to_quote(str(error.override))}"
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        override = _as_override(error.missing_cfg_file)
    elif not override and (merging := re.match(r"Error merging override (.*)", str(error))):
        override = merging[1]
    name, _, value = override.lstrip("+~").partition("=")
    if isinstance(error, MissingConfigException) and error.options:
        if override == "hydra/launcher=joblib":
            return "launch=joblib: needs Hydra's plugin for it: pip install 'nnexp[joblib]'"
        kinds = [kind for kind in error.options if not kind.endswith("_schema")]
        return f"{name}: got {value!r}, expected one of {', '.join(sorted(kinds))}"
    if name in RULES:
        several = "; several values are a sweep: add -m" if "," in value and not value.startswith(("[", "{")) else ""
        return unexpected(name, value) + several
    if name and isinstance(error, ConfigCompositionException):
        if isinstance(error.__cause__, ConfigKeyError | ConfigAttributeError):
            return f"{name}: no such setting{_did_you_mean(name)}"
        return f"{name}: got {value!r}. {error.__cause__ or error}".splitlines()[0]
    reason = f" {error.__cause__}".splitlines()[0] if error.__cause__ else ""
    return str(error).strip().splitlines()[0] + reason


def _did_you_mean(name: str) -> str:
    """The settings that look like it."""
    close = difflib.get_close_matches(name, [*RULES, *GROUPS])
    return f"; did you mean {' or '.join(close)}?" if close else "; --help lists them"


def _how_to_quote(override: str) -> str:
    """Against the shell, and against Hydra, in whose grammar most signs mean something."""
    name, _, value = override.partition("=")
    if value.startswith(("[", "{")) or not value:
        return f"Quote brackets and spaces: {shlex.quote('sizes=[784,100,10]')}"
    return f"Quote other signs than letters and digits once more, inside: {shlex.quote(f'{name}={typed(value)}')}"

"""Telling users what is wrong with what they typed: every problem at once, a line each, exit code 2.

Hydra stops at the first setting that does not fit its type. Only after something has failed, this module
composes again, setting the culprits aside one by one, so that all of them are found and the values of the
others are checked too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import (
    CompactHydraException,
    ConfigCompositionException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException
from yaml import YAMLError

from nnexp.config.command_line import CommandLine, in_form, in_shell
from nnexp.config.composer import Compose, Composer
from nnexp.config.conversion import config_from
from nnexp.config.meant import did_you_mean, nearest, nearest_each
from nnexp.config.schema import CHOICES, CONF, GROUPS, PLAIN, RULES, is_plain, is_setting
from nnexp.config.several import first, has_several
from nnexp.config.suggestions import as_word, data_file, interval, rewritings
from nnexp.errors import ConfigError, in_a_line
from nnexp.train.monitors.base import Monitor

KINDS = {  # what OmegaConf and Hydra say, and what they expect
    "to Integer": "a whole number",
    "to Float": "a number",
    "valid bool": "true or false",
    "a ListConfig": "a list",
    "with ListConfig": "a list",
    "to string": "a text",
    "not Optional": "a value",
    "Ambiguous value": "one value",
    "requires --multirun": "one value",
}


def problems_of_line(line: CommandLine) -> list[str]:
    """What is wrong with a command line, as far as can be told without its data; of a sweep, with its first job."""
    settings = list(filter(None, map(first, line.settings))) if line.sweeps else list(line.settings)
    for option, value in zip(line.options, line.options[1:], strict=False):
        if option in ("--config-dir", "-cd") and Path(value).is_dir():
            settings.append(f"hydra.searchpath=['file://{Path(value).absolute()}']")
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composer = Composer(lambda words: compose("config", list(words)), is_plain)
        found = all_problems(settings, composer)
    told = {problem.partition(":")[0] for problem in found}  # what was meant has another mistake, and that is told
    slips = [slip for word, slip in line.slips.items() if word.partition("=")[0] not in told]
    return [*line.problems, *slips, *found]


def explained(error: Exception, line: CommandLine) -> ConfigError | None:
    """The error with all that is wrong with the command line; None if the error is about something else."""
    if problems := problems_of_line(line):
        return ConfigError(problems)
    if isinstance(error, CompactHydraException | OmegaConfBaseException | YAMLError):
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return ConfigError([in_words(error, "")])
    return None


def problems_of_run(overrides: Sequence[str]) -> list[str]:
    """Every problem of a single run with these overrides."""
    return problems_of_line(in_form(overrides))


def all_problems(overrides: Sequence[str], composed: Compose) -> list[str]:
    """Every problem of a run with these overrides. composed: what Hydra makes of overrides."""
    left = list(overrides)
    problems: list[str] = []
    unread: list[str] = []  # names of settings whose values could not be read: what is said of them further is not so
    while True:
        try:
            config = composed(left)
        except Exception as error:  # Hydra lets Python's own pass: of a number that is too long, or a file's name
            culprit = _culprit(error, left, composed)
            if not _is_of(culprit, unread):
                problems.append(in_words(error, culprit))
            if not culprit or _is_of_a_preset(error, culprit):  # without it, others would look wrong
                break
            left.remove(culprit)
            unread.append(_name_of(culprit))
            continue
        try:
            config_from(config)
        except ConfigError as error:
            problems += [each for each in error.problems if not _is_of(each, unread)]
        break
    return [problem + _advice(problem, overrides, left, composed) for problem in problems]


def _is_of(text: str, names: Sequence[str]) -> bool:
    """Whether a problem, or an override, is about one of these settings, or a setting of the part that one chooses."""
    return text.lstrip("+~").startswith(tuple(f"{name}{end}" for name in names for end in ":."))


def _name_of(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]


def _culprit(error: Exception, overrides: Sequence[str], composed: Compose) -> str:
    """The override that the error is about; nothing if that can't be told."""
    if about := next((override for override in overrides if _is_about(error, override)), None):
        return about
    for override in overrides:
        others = [other for other in overrides if other is not override]
        if not _fails(others, composed) or (not is_plain(_name_of(override)) and _fails([override], composed)):
            return override
    return ""


def _fails(overrides: Sequence[str], composed: Compose) -> bool:
    try:
        composed(overrides)
    except Exception:  # as above
        return True
    return False


def _is_about(error: Exception, override: str) -> bool:
    """Whether Hydra's error is about this override."""
    if isinstance(error, OverrideParseException):
        return bool(error.override == override)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return override.lstrip("+").replace("=", "/", 1) == error.missing_cfg_file
    return override in str(error)


def in_words(error: Exception, override: str) -> str:
    """An error of composing as a message that names the setting, what was found and what was expected."""
    if isinstance(error, MissingConfigException) and str(error.missing_cfg_file).startswith("hydra/launcher/"):
        known = " or ".join(f"launch={kind}" for kind in GROUPS["launch"].kinds())
        return f"hydra/launcher: got {override or error.missing_cfg_file}, expected {known}"
    if not override and (merging := re.match(r"Error merging override (.*)", str(error))):
        override = merging[1]
    name, value = _name_of(override), override.partition("=")[2]
    if "Could not append" in str(error):
        return f"{name}: is there already, and + is for what is not"
    if "Could not delete" in str(error):
        return f"{name}: no such setting{did_you_mean(name)}"
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return f"{name}: got {value!r}, expected {sys.get_int_max_str_digits():,} digits at most"
    if _is_of_a_preset(error, override):
        return f"{override}: {_within(error)}"
    if name in CHOICES:
        return f"{name}: got {value!r}, expected one of {', '.join(_options(name, error))}"
    if name in RULES:
        return RULES[name].unexpected(name, value)
    if isinstance(error, OverrideParseException):
        return f"{error.override}: can't be read as setting=value"
    cause = error.__cause__ or error
    if name and isinstance(cause, ConfigKeyError | ConfigAttributeError) and not value.startswith("{"):
        return f"{name}: no such setting{did_you_mean(name)}"
    if name:
        return f"{name}: got {value!r}, expected {_expected(cause)}"
    if isinstance(error, ConfigCompositionException | MissingConfigException | OmegaConfBaseException):
        reason = f" {error.__cause__}".splitlines()[0] if error.__cause__ else ""
        return str(error).strip().splitlines()[0] + reason
    return " ".join(str(error).split()) if isinstance(error, YAMLError) else in_a_line(error)


def _is_of_a_preset(error: Exception, override: str) -> bool:
    """Whether the override chooses a preset that is there, and the error is about what is in it."""
    missing = error.missing_cfg_file if isinstance(error, MissingConfigException) else None
    chosen = override.startswith("experiments=") and not isinstance(error, OverrideParseException)
    return chosen and missing != override.replace("=", "/", 1)


def _within(error: Exception) -> str:
    """What is wrong in a preset."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, kind = error.missing_cfg_file.rpartition("/")
        return f"{group}: got {kind!r}, expected one of {', '.join(_options(group, error))}"
    words = " ".join(str(error.__cause__ or error).split())
    return re.sub(r"^In '.*?': \w+ raised while composing config: | full_key: .*$", "", words)


def _options(group: str, error: Exception | None = None) -> list[str]:
    """The choices that a group has; Hydra's error knows those of --config-dir, too."""
    known = error.options if isinstance(error, MissingConfigException) else None
    kinds = known or GlobalHydra.instance().config_loader().get_group_options(group)
    return sorted(kind for kind in kinds if not kind.endswith("_schema"))


def _expected(cause: BaseException) -> str:
    """What the error means to have been expected, where its words tell; else these."""
    kind = next((expected for words, expected in KINDS.items() if words in str(cause)), None)
    return kind or f"something else ({in_a_line(cause)})"


# What to write instead.


def _advice(problem: str, overrides: Sequence[str], read: Sequence[str], composed: Compose) -> str:
    """What to write instead of the word that a problem is about, where that can be told. read: what can be read."""
    name = re.split(r"[:=]", problem)[0]
    override = next((word for word in overrides if _name_of(word) == name), "")
    value = override.partition("=")[2]
    better = _better(name, value, [word for word in read if word != override], composed)
    advice = [f"write {' '.join(map(in_shell, better))}"] if better else []
    if has_several(override) and not (better and "[" in better[0]):
        advice.append("several values are a sweep: add -m")
    return "".join(f"; {each}" for each in advice)


def _better(name: str, value: str, others: Sequence[str], composed: Compose) -> list[str]:
    """The words to write instead; none if none would do."""
    if name == "data" and (own := data_file(value)):
        return own
    if not value or not is_setting(name):
        return []
    if between := interval(value):
        return [f"{name}={between}"]
    meant = value
    if name in CHOICES:
        meant = nearest(value, _options(name))
    elif name == Monitor.group:
        meant = nearest_each(value, Monitor.kinds())
    first = [meant] if meant != value else [] if name in (*CHOICES, *PLAIN) else [as_word(value)]
    tried = (f"{name}={each}" for each in (*first, *rewritings(meant)))
    return next(([word] for word in tried if _is_right(name, [*others, word], composed)), [])


def _is_right(name: str, overrides: Sequence[str], composed: Compose) -> bool:
    """Whether the setting can be read and be what it is; what is wrong with others does not matter here."""
    try:
        config_from(composed(overrides))
    except ConfigError as error:
        return not any(problem.startswith(f"{name}:") for problem in error.problems)
    except Exception:  # as above
        return False
    return True

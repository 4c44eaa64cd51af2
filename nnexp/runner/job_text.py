"""A job as JSON values, and its outcome: what they are while they travel as files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnexp.config.job_log import log_into
from nnexp.config.json_values import from_values, to_values
from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError
from nnexp.runner.field_types import typed
from nnexp.runner.job import Job, Place
from nnexp.runner.result import Outcome
from nnexp.study.question import Question

LOGGER = re.compile(r"\w+(\.\w+)*")  # its name
KEY_DIGITS = 16  # of a run's key, by which a job is known


def job_to_json(placed: tuple[Job, Place]) -> dict[str, Any]:
    """The job, where it writes, what it is called, and whether it logs: how, is for who reads this to say."""
    job, place = placed
    return {
        "name": job.name,
        "config": to_values(job.config),
        "membership": asdict(job.membership),
        "key": job.key,
        "words": list(job.words),
        "question": asdict(job.question) if job.question else None,
        "place": {"folder": str(place.folder), "log": place.log is not None, "verbose": place.verbose},
    }


def job_from_json(values: Mapping[str, Any]) -> tuple[Job, Place]:
    """The job that these values were made from; raises `ConfigError` if they are no job's.

    It writes below the folder in which this process is, or the folder of outputs there: whoever else can write into a
    sweep's folder decides what a job is, not where it writes, nor what code runs.
    """
    try:
        membership, question = values["membership"], values["question"]
        job = Job(
            from_values(values["config"]),
            typed(Membership(membership["sweep"], _tuple(membership["over"]), membership["group"]), "a job's sweep"),
            values["key"],
            _tuple(values["words"]),
            typed(Question(**question), "a job's question") if question else None,
        )
        return typed(job, "a job"), _place(values["place"])
    except (KeyError, TypeError) as error:
        raise ConfigError([f"a job: {error}"]) from error


def _tuple(values: Any) -> Any:
    return tuple(values) if isinstance(values, list) else values


def is_below_here(folder: Path) -> bool:
    """Whether jobs that travel as files may write there: below this process's folder, or its folder of outputs."""
    return not {Path.cwd().resolve(), Path("outputs").resolve()}.isdisjoint(folder.resolve().parents)


def _place(values: Mapping[str, Any]) -> Place:
    folder, log, verbose = Path(values["folder"]), values["log"], values["verbose"]
    if "${" in str(folder):  # would be looked up where logging is set up
        raise ConfigError([f"a job's folder: got {folder}, expected no ${{"])
    if not is_below_here(folder):
        raise ConfigError([f"a job's folder: got {folder}, expected one below {Path.cwd().resolve()}"])
    if not isinstance(log, bool):
        raise ConfigError([f"a job's log: got {type(log).__name__}, expected true or false"])
    names = [verbose] if isinstance(verbose, str) else verbose
    if not isinstance(verbose, bool) and not all(isinstance(name, str) and LOGGER.fullmatch(name) for name in names):
        raise ConfigError([f"a job's verbose: got {verbose}, expected true, false, or names of loggers"])
    return Place(folder, log_into(folder.resolve()) if log else None, verbose)


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome, every field of it."""
    return asdict(outcome)


def outcome_from_json(values: Mapping[str, Any]) -> Outcome:
    """The outcome that these values were made from; raises `ConfigError` if they are none's."""
    try:
        return typed(Outcome(**{**values, "why": _tuple(values["why"])}), "an outcome")
    except (KeyError, TypeError) as error:
        raise ConfigError([f"an outcome: {error}"]) from error


def key_of(placed: tuple[Job, Place]) -> str:
    """What a job of a sweep is known by: the beginning of its run's key."""
    job, _ = placed
    return job.key[:KEY_DIGITS]


def key_of_trial(placed: tuple[Job, Place]) -> str:
    """The same for a search, where two trials may be the same run."""
    job, _ = placed
    return f"{job.key[:KEY_DIGITS]}t{job.membership.group}"


def is_known_by(placed: tuple[Job, Place], key: str) -> bool:
    """Whether it is the job that is known by that."""
    return key in (key_of(placed), key_of_trial(placed))

"""A job as JSON values, and its outcome: what they are while they travel as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnexp.config.json_values import from_values, to_values
from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError
from nnexp.runner.job import Job, Place
from nnexp.runner.result import Outcome
from nnexp.study.question import Question

KEY_DIGITS = 16  # of a run's key, by which a job is known


def job_to_json(placed: tuple[Job, Place]) -> dict[str, Any]:
    """The job, where it writes, and what it is called."""
    job, place = placed
    return {
        "name": job.name,
        "config": to_values(job.config),
        "membership": asdict(job.membership),
        "key": job.key,
        "words": list(job.words),
        "question": asdict(job.question) if job.question else None,
        "place": {"folder": str(place.folder), "log": place.log, "verbose": place.verbose},
    }


def job_from_json(values: Mapping[str, Any]) -> tuple[Job, Place]:
    """The job that these values were made from; raises `ConfigError` if they are no job's."""
    try:
        membership, question, place = values["membership"], values["question"], values["place"]
        job = Job(
            from_values(values["config"]),
            Membership(membership["sweep"], tuple(membership["over"]), membership["group"]),
            values["key"],
            tuple(values["words"]),
            Question(**question) if question else None,
        )
        return job, Place(Path(place["folder"]), place["log"], place["verbose"])
    except (KeyError, TypeError) as error:
        raise ConfigError([f"a job: {error}"]) from error


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome, every field of it."""
    return asdict(outcome)


def outcome_from_json(values: Mapping[str, Any]) -> Outcome:
    """The outcome that these values were made from; raises `ConfigError` if they are none's."""
    try:
        return Outcome(**{**values, "why": tuple(values["why"])})
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

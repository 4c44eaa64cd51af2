"""A job as JSON values: all of it comes back as it was."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from configs import config

from nnexp.config.job_log import log_into
from nnexp.config.json_values import from_values, to_values
from nnexp.config.schema import GROUPS
from nnexp.config.sweep_settings import Membership
from nnexp.errors import ConfigError
from nnexp.runner.job import Job, Place
from nnexp.runner.job_text import (
    is_known_by,
    job_from_json,
    job_to_json,
    key_of,
    key_of_trial,
    outcome_from_json,
    outcome_to_json,
)
from nnexp.runner.result import Outcome
from nnexp.study.question import Question

LOG = {"version": 1, "handlers": {"file": {"filename": "/etc/motd", "class": "some.module.Class"}}}


def travelled(values: Any) -> Any:
    """The values as they are read from a file."""
    return json.loads(json.dumps(values))


def job(*words: str, group: int = 0, question: Question | None = None) -> Job:
    made = config("data=digits", "sizes=[64,10]", *words)
    return Job(made, Membership("first", ("eta", "seed"), group), "0123456789abcdef" * 4, words, question)


PARTS = [
    (group, kind)
    for group, base in GROUPS.items()
    for kind, part in base.kinds().items()
    if group != "data" and not part().problems()
]


@pytest.mark.parametrize(("group", "kind"), PARTS)
def test_every_part_comes_back(group: str, kind: str) -> None:
    made = replace(config(), **{group: GROUPS[group].kinds()[kind]()})
    assert from_values(travelled(to_values(made))) == made


@pytest.mark.parametrize("eta", [0.1, 1 / 3, 2e-38, 3.0, 123456789.123456789])
def test_a_number_comes_back_to_the_last_bit(eta: float) -> None:
    made = from_values(travelled(to_values(config(f"eta={eta!r}")))).eta
    assert (made, math.copysign(1, made), type(made)) == (eta, 1, float)


@pytest.mark.parametrize("question", [None, Question("outputs/searches/s/study.journal", "s", 4, "median", 30)])
@pytest.mark.parametrize("verbose", [False, True, "nnexp", ["nnexp", "hydra"]])
def test_a_job_and_its_place_come_back(question: Question | None, verbose: Any) -> None:
    placed = (
        job("eta=0.5", "optimiser=momentum", "monitor=[gradients]", question=question),
        Place(Path("outputs/7"), None, verbose),
    )
    assert job_from_json(travelled(job_to_json(placed))) == placed


def test_how_a_job_logs_is_not_for_its_file_to_say() -> None:
    sent = travelled(job_to_json((job(), Place(Path("outputs/7"), LOG))))
    log = job_from_json(sent)[1].log
    assert log == log_into(Path("outputs/7").resolve())
    assert log
    assert log["handlers"]["file"]["filename"] == str(Path("outputs/7/run.log").resolve())
    assert log["handlers"]["terminal"]["level"] == "WARNING"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"log": LOG}, "a job's log: got dict, expected true or false"),
        ({"verbose": "${oc.env:HOME}"}, "a job's verbose: got .*, expected true, false, or names of loggers"),
        ({"verbose": 3}, "a job: "),
        ({"folder": "/srv/elsewhere"}, "a job's folder: got /srv/elsewhere, expected one below "),
        ({"folder": "../elsewhere"}, "a job's folder: got ../elsewhere, expected one below "),
        ({"folder": "outputs/../.."}, "a job's folder: got outputs/../.., expected one below "),
        ({"folder": "."}, "a job's folder: got ., expected one below "),
        ({"folder": "a/${oc.env:HOME}"}, "a job's folder: got a/.*, expected no "),
    ],
)
def test_what_a_job_may_not_say_of_its_place_is_refused(change: dict[str, Any], message: str) -> None:
    values = travelled(job_to_json((job(), Place(Path("outputs/7")))))
    with pytest.raises(ConfigError, match=message):
        job_from_json(values | {"place": values["place"] | change})


def test_the_folder_of_outputs_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "there").mkdir()
    Path("outputs").symlink_to(tmp_path / "there")
    assert job_from_json(job_to_json((job(), Place(Path("outputs/7")))))[1].folder == Path("outputs/7")


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome({}, "to do"),
        Outcome({"eta": 0.1, "sizes": [64, 10]}, "new", 3, 0.9333333333333333, 1 / 3, 0.25, "run"),
        Outcome({"eta": None}, "failed", why=("one", "two"), where="a.py:3 in b: c", diverged=True),
        Outcome({"data.path": "a b"}, "pruned", 0, 0.0, None, float("inf"), "run"),
    ],
)
def test_an_outcome_comes_back(outcome: Outcome) -> None:
    assert outcome_from_json(travelled(outcome_to_json(outcome))) == outcome


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "fine"}, "an outcome: state: got 'fine', expected one of new, continued, done"),
        ({"varying": [1]}, r"an outcome: varying: got \[1\], expected dict"),
        ({"epoch": 2.5}, r"an outcome: epoch: got 2.5, expected int \| None"),
        ({"epoch": True}, "an outcome: epoch: got True, expected int"),
        ({"validation": "high"}, "an outcome: validation: got 'high', expected float"),
        ({"seconds": [1.0]}, r"an outcome: seconds: got \[1.0\], expected float"),
        ({"run": None}, "an outcome: run: got None, expected str"),
        ({"why": "boom"}, "an outcome: why: got 'boom', expected tuple"),
        ({"why": [3]}, "an outcome: why: got .*, expected tuple"),
        ({"diverged": 0}, "an outcome: diverged: got 0, expected bool"),
    ],
)
def test_an_outcome_of_another_type_is_refused(change: dict[str, Any], message: str) -> None:
    values = travelled(outcome_to_json(Outcome({"eta": 1.0}, "new", 3, 1, 0.5, 0.25, "run")))
    assert outcome_from_json(values).validation == 1
    with pytest.raises(ConfigError, match=message):
        outcome_from_json(values | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": 3}, "a job: key: got 3, expected str"),
        ({"words": "eta=1"}, "a job: words: got 'eta=1', expected tuple"),
        ({"membership": {"sweep": None, "over": [], "group": 0}}, "a job's sweep: sweep: got None, expected str"),
        ({"membership": {"sweep": "s", "over": "eta", "group": 0}}, "a job's sweep: over: got 'eta', expected tuple"),
        (
            {"question": {"journal": "j", "study": "s", "trial": "4", "prune": "median", "epochs": 3}},
            "a job's question: trial: got '4', expected int",
        ),
    ],
)
def test_a_job_of_another_type_is_refused(change: dict[str, Any], message: str) -> None:
    values = travelled(job_to_json((job(), Place(Path("outputs/7")))))
    with pytest.raises(ConfigError, match=message):
        job_from_json(values | change)


def test_a_job_says_what_it_is_called() -> None:
    assert job_to_json((job("eta=0.5"), Place(Path("7"))))["name"] == "eta=0.5 seed=0"


def test_a_job_is_known_by_its_run_and_a_trial_by_its_number_too() -> None:
    placed = job(group=12), Place(Path("7"))
    assert (key_of(placed), key_of_trial(placed)) == ("0123456789abcdef", "0123456789abcdeft12")
    assert is_known_by(placed, "0123456789abcdef")
    assert is_known_by(placed, "0123456789abcdeft12")
    assert not is_known_by(placed, "0123456789abcdeft13")
    assert not is_known_by(placed, "0123456789abcde")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eta": -1.0}, "eta: got -1.0, expected a number > 0"),
        ({"cost": {"kind": "cheap"}}, "cost: got 'cheap', expected one of"),
        ({"cost": {}}, "'kind'"),
        ({"strange": 1}, "strange"),
    ],
)
def test_what_is_no_configuration_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_values(to_values(config()) | change)


@pytest.mark.parametrize("name", ["config", "membership", "key", "question", "place"])
def test_a_job_that_lacks_something_is_refused(name: str) -> None:
    values = job_to_json((job(), Place(Path("7"))))
    del values[name]
    with pytest.raises(ConfigError, match=f"a job: '{name}'"):
        job_from_json(values)

"""What makes a run the run that it is, and whether it is alive."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from nnexp import identity
from nnexp.config.rules import RULES
from nnexp.config.schema import GROUPS, flat
from nnexp.data.sources.fashion_mnist import FashionMnist
from nnexp.identity import counts, run_key
from nnexp.runtime.heartbeat import DEAD_AFTER_SECONDS, HEARTBEAT, HOST, PROCESS, is_alive, process, this_process

COUNTING = {"sizes", "epochs", "mini_batch_size", "eta", "seed", "dtype", "threads"}
COUNTING |= {"data", "data.validation", "data.classes", "activation", "cost", "init", "monitor"}
COUNTING |= {"schedule", "schedule.every", "schedule.factor", "stopping", "stopping.epochs"}

NOT_COUNTING = {"tracking", "tracking.uri", "tracking.experiment", "resume", "checkpoint_seconds", "checkpoint_upload"}
NOT_COUNTING |= {"pictures", "data.path", "data.folder", "data.max_gb", "data.urls", "data.sha256"}


def every_setting() -> set[str]:
    """The name of every setting that there is, whatever is chosen."""
    names = {*RULES, *GROUPS}
    for group, choices in GROUPS.items():
        for choice in [*choices, *([FashionMnist] if group == "data" else [])]:
            names |= {f"{group}.{name}" for name in vars(choice()) if name != "kind"}
    return names


def test_every_setting_is_known_to_count_or_not() -> None:
    """A new setting fails here until somebody has said which of the two it is."""
    assert every_setting() == COUNTING | NOT_COUNTING


@pytest.mark.parametrize("name", sorted(COUNTING))
def test_a_setting_that_can_change_the_numbers_counts(name: str) -> None:
    assert counts(name)


@pytest.mark.parametrize("name", sorted(NOT_COUNTING))
def test_a_setting_that_can_not_does_not(name: str) -> None:
    assert not counts(name)


SETTINGS: dict[str, Any] = {"sizes": [784, 10], "eta": 3.0, "tracking": "mlflow"}


def test_the_key_does_not_depend_on_what_does_not_count_or_on_order() -> None:
    other = {"tracking": "off", "eta": 3.0, "sizes": [784, 10]}
    assert run_key(SETTINGS, "ab") == run_key(other, "ab")


@pytest.mark.parametrize(("settings", "data"), [(SETTINGS | {"eta": 3.5}, "ab"), (SETTINGS, "cd")])
def test_the_key_depends_on_settings_and_data(settings: dict[str, Any], data: str) -> None:
    assert run_key(settings, data) != run_key(SETTINGS, "ab")


def test_the_key_depends_on_the_version_of_the_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_key(SETTINGS, "ab")
    monkeypatch.setattr(identity, "ARITHMETIC", identity.ARITHMETIC + 1)
    assert run_key(SETTINGS, "ab") != before


def test_the_key_of_the_defaults_is_what_it_was_before_there_was_monitoring() -> None:
    from configs import config

    before = "7343b19209893f5a06efb20ab924c4eaebdafeec771b445ce891535f518ea962"
    assert run_key(flat(config()), "ab") == before


def test_a_monitored_run_is_another_one_whatever_the_order_of_the_names() -> None:
    plain, one, other = (
        run_key(SETTINGS | {"monitor": names}, "ab")
        for names in ([], ["gradients", "saturation"], ["saturation", "gradients"])
    )
    assert plain == run_key(SETTINGS, "ab") != one == other


# Alive or dead.


def test_this_process_is_alive() -> None:
    assert is_alive(this_process())


def test_a_process_that_has_ended_is_dead_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tags = this_process() | {PROCESS: process(child.pid)}
        assert is_alive(tags)
        child.kill()
    assert not is_alive(tags)


def test_a_process_that_has_another_start_is_another_process() -> None:
    assert not is_alive(this_process() | {PROCESS: f"{os.getpid()} 12345"})


@pytest.mark.parametrize(("age", "alive"), [(DEAD_AFTER_SECONDS - 1, True), (DEAD_AFTER_SECONDS + 1, False)])
def test_on_another_host_the_heartbeat_tells(age: float, alive: bool) -> None:
    tags = {HOST: "elsewhere", PROCESS: "1 1", HEARTBEAT: "1000"}
    assert is_alive(tags, now=lambda: 1000 + age) is alive


def test_a_run_that_nnexp_did_not_make_is_not_alive() -> None:
    assert not is_alive({})


def test_a_process_that_has_ended_is_dead_before_its_parent_has_noticed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        tags = this_process() | {PROCESS: process(child.pid)}
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(tags)


def test_a_process_of_another_user_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert is_alive(this_process())

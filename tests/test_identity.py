"""What makes a run the run that it is."""

from __future__ import annotations

from typing import Any

import pytest

from nnexp import identity
from nnexp.config.rules import RULES
from nnexp.config.schema import GROUPS, flat
from nnexp.data.sources.fashion_mnist import FashionMnist
from nnexp.identity import counts, run_key

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

"""Composing many configurations gives what composing each one gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig

from nnexp.config.compose import changed, config_of
from nnexp.config.composer import Composer
from nnexp.config.schema import CONF, flat, is_plain, register


@pytest.fixture
def composed() -> Iterator[list[Sequence[str]]]:
    """What Hydra was asked to compose."""
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield []


def composer(asked: list[Sequence[str]]) -> Composer:
    def by_hydra(overrides: Sequence[str]) -> DictConfig:
        asked.append(overrides)
        return compose("config", list(overrides))

    return Composer(by_hydra, is_plain)


@pytest.mark.parametrize(
    "words",
    [
        ["eta=2", "sizes=[784,3,10]"],
        ["experiments=quick", "epochs=3", "eta=1", "eta=2"],
        ["seed=7", "cost=cross_entropy", "data=npz", "data.path=a.npz", "dtype=float64"],
    ],
)
def test_it_is_what_hydra_makes_of_the_words(composed: list[Sequence[str]], words: list[str]) -> None:
    assert composer(composed)(words) == compose("config", words)


def test_hydra_is_asked_once_for_words_that_differ_in_values(composed: list[Sequence[str]]) -> None:
    composes = composer(composed)
    made = [composes(["cost=cross_entropy", f"seed={seed}"]) for seed in range(3)]
    assert [config.seed for config in made] == [0, 1, 2]
    assert len(composed) == 1


def test_a_value_that_does_not_fit_is_refused_in_hydras_way(composed: list[Sequence[str]]) -> None:
    with pytest.raises(ConfigCompositionException, match="eta=abc"):
        composer(composed)(["eta=abc"])


def test_words_for_a_changed_configuration_leave_out_the_settings_of_a_choice_that_is_replaced() -> None:
    config = config_of(["data=npz", "data.path=a.npz", "sizes=[4,2]", "sweep.name=first"])
    words = changed(config, ["data=idx", "data.folder=b"])
    assert "data.path=a.npz" not in words
    assert not [word for word in words if word.startswith("sweep")]
    assert flat(config_of(words))["data.folder"] == "b"

"""Every preset: what it changes, and one epoch of it, on few examples, from its file to its result."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from configs import config

from nnexp.config.json_values import from_values, to_values
from nnexp.config.presets import MEASURED, NOT_MEASURED, preset_called, presets
from nnexp.config.schema import flat
from nnexp.config.several import first
from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source
from nnexp.data.sources.digits import Digits
from nnexp.data.sources.mnist import Mnist
from nnexp.nn.engines.numpy import Numpy
from nnexp.nn.examples import Examples
from nnexp.runner.one_run import one_run
from nnexp.tracking.stores.off import Off

PRESETS = {preset.name: preset for preset in presets()}
TINY = ("epochs=1", "schedule.warm_up=0", "pictures=false", "sweep.zip=[]")
N = 1000  # training examples: some presets take so many


def few(examples: Examples, n: int) -> Examples:
    return Examples(examples.x[:n], examples.y[:n], examples.scale)


@pytest.fixture(scope="module")
def images() -> dict[str, Dataset]:
    """The first examples of MNIST, which stand for Fashion-MNIST too, and of the digits."""
    known = {"mnist": Mnist().load(), "digits": Digits().load()}
    tiny = {
        name: replace(data, train=few(data.train, N), validation=few(data.validation, 50), test=few(data.test, 50))
        for name, data in known.items()
    }
    return tiny | {"fashion_mnist": tiny["mnist"]}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_trains_with_the_first_values_of_its_sweep(
    name: str, tmp_path: Path, images: dict[str, Dataset]
) -> None:
    def load(source: Source) -> Dataset:
        return images[source.kind]

    preset = PRESETS[name]
    axes = [axis for axis in preset.axes if not (preset.searches and "." in axis.partition("=")[0])]  # of a choice
    made = config(f"experiments={name}", *map(first, axes), *TINY)
    result = one_run(replace(made, engine=Numpy(), tracking=Off()), tmp_path / "run", load)
    assert [epoch.epoch for epoch in result.history.epochs] == [0, 1]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_overrides_the_defaults_and_the_command_line_overrides_it(name: str) -> None:
    assert flat(config(f"experiments={name}")) != flat(config())
    assert config(f"experiments={name}", "eta=0.25").eta == 0.25


@pytest.mark.parametrize("name", PRESETS)
def test_its_configuration_comes_back_from_the_text_of_a_job(name: str) -> None:
    made = config(f"experiments={name}")
    assert from_values(json.loads(json.dumps(to_values(made)))) == made


@pytest.mark.parametrize("name", PRESETS)
def test_a_header_has_its_command_what_to_expect_and_what_to_look_at(name: str) -> None:
    preset = PRESETS[name]
    ways = rf"(python -m nnexp\.run {'-m ' if preset.axes else ''}|nnexp (check|find-eta) )experiments={name}"
    assert re.fullmatch(ways, preset.command)
    assert MEASURED.match(preset.expected_line) or preset.expected_line in (NOT_MEASURED, "the gradient is right")
    assert preset.title.endswith((".", "?"))
    assert len(" ".join(preset.text)) > 60


def test_every_axis_of_a_preset_has_several_values() -> None:
    assert not [(each.name, axis) for each in PRESETS.values() for axis in each.axes if first(axis) == axis]


def test_an_expectation_is_read_from_its_line() -> None:
    found = replace(preset_called("quick"), header=("Expected: eta=3: 95.4 ± 0.3 % on test, 5 seeds, 2 minutes",))
    assert found.expected is not None
    assert (found.expected.setting, found.expected.seeds) == ("eta=3", 5)
    assert found.expected.mean == pytest.approx(0.954)
    assert found.expected.sd == pytest.approx(0.003)

"""What a run has left as config.yaml is read as it was meant, or refused by the name of what is wrong."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from configs import config
from omegaconf import OmegaConf

from nnexp.config.conversion import config_from_yaml, to_yaml
from nnexp.config.schema import flat
from nnexp.errors import ConfigError
from nnexp.nn.optimisers.sgd import Sgd
from nnexp.train.stopping.never import Never

MADE_BY_431866A = """
sizes: [64, 8, 10]
epochs: 3
mini_batch_size: 10
eta: 0.5
seed: 2
dtype: float64
threads: 1
data: {kind: npz, path: a.npz, validation: 100, classes: null}
activation: {kind: tanh}
cost: {kind: cross_entropy}
init: {kind: gaussian}
tracking: {kind: mlflow, uri: null, experiment: nnexp}
resume: auto
checkpoint_seconds: 2.0
checkpoint_upload: false
pictures: true
launch: {kind: parallel, workers: null}
sweep: {name: eta, zip: [], jobs: null, exclude: null, plan: false, over: [eta], group: 1}
"""


def changed(**settings: Any) -> str:
    """The same with other settings; None leaves one out."""
    saved = OmegaConf.to_container(OmegaConf.create(MADE_BY_431866A))
    assert isinstance(saved, dict)
    return OmegaConf.to_yaml({name: value for name, value in (saved | settings).items() if value is not None})


def test_one_of_before_there_were_optimisers_is_that_of_plain_gradient_descent() -> None:
    found = config_from_yaml(MADE_BY_431866A)
    assert (found.optimiser, found.stopping, found.monitor) == (Sgd(), Never(), [])
    assert (found.eta, found.sizes, found.dtype) == (0.5, [64, 8, 10], "float64")
    assert found.data.settings == {"path": "a.npz", "validation": 100, "classes": None, "max_gb": None}


def test_a_run_is_read_for_itself_whatever_sweep_it_was_made_in() -> None:
    assert config_from_yaml(MADE_BY_431866A).sweep.name is None


@pytest.mark.parametrize("path", ["a.npz", "1e5", "yes", "0x1f", "nan", "1_0", "~", "# a", "\u00fcber", "a: [b", "'"])
def test_a_run_writes_what_omegaconf_would(path: str) -> None:
    written = config("data=npz", "data.path=a.npz", "monitor=[gradients]", "stopping=no_improvement")
    written.data = replace(written.data, path=path)  # type: ignore[call-arg]
    assert to_yaml(written) == OmegaConf.to_yaml(asdict(written))


@pytest.mark.parametrize("words", [[], ["optimiser=momentum", "optimiser.nesterov=true", "stopping=no_improvement"]])
def test_what_a_run_writes_is_what_is_read(words: list[str]) -> None:
    written = config("data=npz", "data.path='it\\'s 1e5 \U0001f600.npz'", "monitor=[gradients]", *words)
    assert flat(config_from_yaml(to_yaml(written))) == flat(written)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"eta": None}, "eta: got nothing, expected a value"),
        ({"etaa": 3}, "etaa: no such setting"),
        ({"eta": "abc"}, "eta: Value 'abc' of type 'str' could not be converted to Float"),
        ({"eta": -1}, "eta: got -1.0, expected a number > 0"),
        ({"cost": None}, "cost: got nothing, expected a value"),
        ({"cost": "quadratic"}, None),
        ({"cost": [1]}, r"cost: got \[1\], expected a choice with its settings"),
        ({"cost": {"kind": "foo"}}, "cost: got 'foo', expected one of cross_entropy, log_likelihood, quadratic"),
        ({"cost": {}}, "cost: got None, expected one of"),
        ({"cost": {"kind": "quadratic", "slope": 3}}, "cost.slope: no such setting"),
        ({"activation": {"kind": "leaky_relu"}}, "activation.slope: got nothing, expected a value"),
        ({"activation": {"kind": "leaky_relu", "slope": 2.0}}, "activation.slope: got 2.0, expected a number >= 0"),
        ({"data": {"kind": "npz", "path": "a.npz", "validation": 1}}, "data.classes: got nothing, expected a value"),
        ({"tracking": {"kind": "mlflow"}}, None),
    ],
)
def test_what_is_missing_or_strange_is_named(settings: dict[str, Any], problem: str | None) -> None:
    if problem is None:
        config_from_yaml(changed(**settings))
        return
    with pytest.raises(ConfigError, match=problem):
        config_from_yaml(changed(**settings))


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "eta", ""])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        config_from_yaml(text)

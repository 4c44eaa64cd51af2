"""What is refused when a sweep is planned."""

from __future__ import annotations

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.composer import Composer
from nnexp.config.schema import CONF, is_plain, register
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError
from nnexp.sweeps.plan import plan

SIZES = "expected a list of two or more whole numbers from 1 to 1,000,000,000, such as [784,100,10]"


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        (["sizes=64,30,10"], [f"sizes: got '64,30,10', {SIZES}; write 'sizes=[64,30,10]'"]),
        (
            ["sizes=64,30,10", "eta=1,-1"],
            [f"sizes: got '64,30,10', {SIZES}; write 'sizes=[64,30,10]'", "eta: got -1.0, expected a number > 0"],
        ),
        (
            ["sizes=[64,9,10]", "eta=-3,-1"],
            ["eta: got -3.0, expected a number > 0", "eta: got -1.0, expected a number > 0"],
        ),
        (["sizes=64,[64,30,10]"], [f"sizes: got '64', {SIZES}"]),
    ],
)
def test_values_none_of_which_is_right_are_taken_as_one_where_that_is(words: list[str], problems: list[str]) -> None:
    register()
    arguments = ["data=digits", "tracking=off", *words]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composer = Composer(lambda each: compose("config", list(each)), is_plain)
        with pytest.raises(ConfigError) as refused:
            plan(arguments, Sweep(), OverridesParser.create(), composer)
    assert refused.value.problems == problems

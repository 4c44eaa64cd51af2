"""From the words of the command line to the jobs of a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.schema import CONF, register
from nnexp.config.sweep_settings import Sweep
from nnexp.errors import ConfigError
from nnexp.sweeps.exclusions import Condition
from nnexp.sweeps.grid import Axes, axes, split


def axes_of(*words: str, sweep: Sweep | None = None) -> Axes:
    parser = OverridesParser.create()
    fixed, values = split(words, parser)
    return axes(fixed, values, parser, sweep or Sweep())


def test_jobs_are_all_combinations_the_last_setting_fastest() -> None:
    found = axes_of("epochs=3", "eta=1,2", "seed=range(2)")
    assert found.jobs == [["epochs=3", f"eta={eta}", f"seed={seed}"] for eta in (1, 2) for seed in (0, 1)]
    assert found.over == ["eta", "seed"]


def test_lists_are_values_like_others() -> None:
    assert axes_of("sizes=[784,30,10],[784,100,10]").jobs == [["sizes=[784,30,10]"], ["sizes=[784,100,10]"]]


def test_an_interval_is_refused_and_a_search_named() -> None:
    with pytest.raises(ConfigError, match=r"eta: got eta=interval\(1,2\), expected values: .* add search=tpe"):
        axes_of("eta=interval(1,2)")


def test_zipped_settings_go_together_and_the_others_with_each() -> None:
    found = axes_of("eta=1,2", "epochs=10,20", "seed=0,1", sweep=Sweep(zip=["eta", "epochs"]))
    assert sorted(map(tuple, found.jobs)) == [
        ("seed=0", "eta=1", "epochs=10"),
        ("seed=0", "eta=2", "epochs=20"),
        ("seed=1", "eta=1", "epochs=10"),
        ("seed=1", "eta=2", "epochs=20"),
    ]


def test_several_groups_may_be_zipped() -> None:
    found = axes_of("a=1,2", "b=1,2", "c=1,2,3", "d=1,2,3", sweep=Sweep(zip=[["a", "b"], ["c", "d"]]))
    assert len(found.jobs) == 6


@pytest.mark.parametrize(
    ("zipped", "message"),
    [
        (["eta", "foo"], "sweep.zip: got foo, expected settings with several values"),
        (["eta", "seed"], "sweep.zip: eta has 2, seed has 3: expected as many values of each"),
    ],
)
def test_what_can_not_be_zipped_is_named(zipped: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        axes_of("eta=1,2", "seed=0,1,2", sweep=Sweep(zip=zipped))
    assert refused.value.problems == [message]


def test_a_file_lists_jobs_and_the_command_line_goes_over_each(tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text('eta, sizes\n0.5,"[784,20,10]"\n\n1,"[784,30,10]"\n')
    found = axes_of("seed=0,1", sweep=Sweep(jobs=str(file)))
    assert found.over == ["seed", "eta", "sizes"]
    assert len(found.jobs) == 4
    assert found.jobs[0] == ["seed=0", "eta=0.5", "sizes=[784,20,10]"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty, expected a row of settings, then a row for each job"),
        ("eta\n", "has no rows below its first, expected one for each job"),
        ("eta,seed\n1\n", "row 2 has 1 value, expected 2: eta, seed"),
        ("seed\n1\n" + "9" * 5000 + "\n", r"row 3 can't be read \(ValueError: Exceeds the limit"),
        ("eta\n(1\n", r"row 2 can't be read \(OverrideParseException"),
        ('eta\n"1,2"\n', "row 2 lists several values, expected one in each cell"),
        ("epochs\n1\n", "epochs is in"),
        ("eta,eta\n1,2\n", "expected each setting once"),
    ],
)
def test_a_file_that_lists_no_jobs_says_why(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        axes_of("epochs=3", sweep=Sweep(jobs=str(file)))


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"sweep.jobs: no.csv: No such file"):
        axes_of(sweep=Sweep(jobs="no.csv"))


def test_one_more_value_makes_it_no_other_sweep_and_another_fixed_setting_does() -> None:
    assert axes_of("eta=1,2", "seed=0,1").name == axes_of("eta=1,2,3", "seed=0,1").name == "eta-seed"
    assert axes_of("eta=1,2", "epochs=3").name != axes_of("eta=1,2", "epochs=4").name != "eta"


def test_how_a_sweep_is_launched_is_no_part_of_its_name() -> None:
    assert axes_of("eta=1,2", "launch=serial", "resume=auto", "sweep.plan=true").name == "eta"


# Conditions.

SETTINGS = {
    "eta": 3.0,
    "seed": 0,
    "cost": "quadratic",
    "sizes": [784, 30, 10],
    "data.validation": None,
    "optimiser": "sgd",
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("eta > 1", True),
        ("eta > 1 and seed == 1", False),
        ("eta > 5 or not seed", True),
        ("1 < eta <= 3", True),
        ("cost == 'quadratic' and seed in [0, 2]", True),
        ("seed not in [0, 2]", False),
        ("sizes == [784, 30, 10]", True),
        ("data.validation == null", True),
        ("eta > -1", True),
        ("cost != 'quadratic'", False),
        ("optimiser.momentum > 0.6", False),
        ("optimiser.momentum <= 0.6", False),
        ("optimiser.momentum == null", True),
        ("optimiser.momentum != 0.6", True),
        ("optimiser.momentum in [0.6]", False),
        ("data.validation < 10", False),
    ],
)
def test_a_condition_holds_or_not(text: str, holds: bool) -> None:
    assert Condition(text).holds(SETTINGS) is holds


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eta >", "can't be read"),
        ("foo > 1", "there is no setting 'foo'"),
        ("optimiser.speed > 1", "there is no setting 'optimiser.speed'"),
        ("cost == quadratic", "a word that is a value is quoted: 'quadratic'"),
        ("cost > 1", "'quadratic' and 1 can't be compared"),
        ("__import__('os').system('true')", "is none of what it may hold"),
        ("eta + 1 > 2", "is none of what it may hold"),
        ("seed is 0", "expected comparisons of settings"),
        ("(" * 5000 + "seed" + ")" * 5000, "can't be read"),
        ("not " * 3000 + "seed", "sweep.exclude: got 'not not"),
    ],
)
def test_what_is_no_condition_is_refused_and_never_run(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"sweep.exclude: got ") as refused:
        Condition(text).holds(SETTINGS)
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x'y", "x`y", "-x", "--json", "..", "größe", "x\n", "x" * 101])
def test_a_name_that_a_store_or_a_shell_would_misread_is_refused(name: str) -> None:
    assert Sweep(name=name).problems()[0].startswith(f"sweep.name: got {name!r}")


def test_the_usual_name_of_a_sweep_over_very_many_settings_is_one_that_it_may_have() -> None:
    over = [f"a_setting_that_is_number_{number}" for number in range(30)]
    names = {Axes(["epochs=3"], [], [*over, last]).name for last in ("x", "y")}
    assert len(names) == 2
    assert all(Sweep(name=name).problems() == [] for name in names)


@pytest.mark.parametrize("name", ["3-layers", "x" * 100, "eta-seed", "optimiser.beta1_2"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert Sweep(name=name).problems() == []


# Glob needs to know which choices there are.


@pytest.fixture
def composing() -> Iterator[None]:
    register()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield


@pytest.mark.usefixtures("composing")
def test_a_glob_is_every_choice_that_it_meets() -> None:
    from hydra.core.global_hydra import GlobalHydra

    parser = OverridesParser.create(GlobalHydra.instance().config_loader())
    _, values = split(["cost=glob(*)"], parser)
    with pytest.raises(ConfigError, match="no value at all"):
        split(["cost=glob(x*)"], parser)
    assert sorted(values["cost"]) == ["cost=cross_entropy", "cost=log_likelihood", "cost=quadratic"]

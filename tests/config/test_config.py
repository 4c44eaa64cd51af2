"""The configuration: what it may be, what is said about what it may not be, and what it is called."""

from __future__ import annotations

import shlex

import pytest
from configs import composed, config
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from nnexp.config.errors import problems_of_run
from nnexp.config.naming import command, on_lines, run_name, typed
from nnexp.config.schema import CONF, GROUPS, PLAIN, ROOT, flat, register
from nnexp.errors import ConfigError
from nnexp.nn.activations.base import Activation
from nnexp.nn.costs.cross_entropy import CrossEntropy
from nnexp.nn.initialisers.base import Initialiser
from nnexp.train.monitors.base import Monitor

register()


@pytest.fixture(autouse=True)
def composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.config.errors.compose", composed)


def test_defaults_are_the_articles_network_and_settings() -> None:
    settings = flat(config())
    assert {name: settings[name] for name in PLAIN} == {
        "sizes": [784, 30, 10],
        "epochs": 30,
        "mini_batch_size": 10,
        "eta": 3.0,
        "seed": 0,
        "dtype": "float32",
        "threads": 1,
        "resume": "auto",
        "checkpoint_seconds": 2.0,
        "checkpoint_upload": False,
        "pictures": True,
        "monitor": [],
        "dropout": 0,
        "train_size": None,
        "balanced": False,
        "label_noise": 0.0,
        "standardise": False,
    }


def test_a_choice_becomes_an_object_with_its_behaviour() -> None:
    assert isinstance(config("cost=cross_entropy").cost, CrossEntropy)


KINDS = {group: list(base.kinds()) for group, base in GROUPS.items()}


@pytest.mark.parametrize("nth", range(max(map(len, KINDS.values()))))
def test_every_choice_can_be_chosen_by_its_kind(nth: int) -> None:
    kinds = {group: of_group[nth] for group, of_group in KINDS.items() if nth < len(of_group)}
    with initialize_config_dir(str(CONF), version_base="1.3"):
        chosen = OmegaConf.to_object(composed("config", [f"{group}={kind}" for group, kind in kinds.items()]))
    assert {group: getattr(chosen, group).kind for group in kinds} == kinds


def test_fashion_mnist_comes_with_addresses_and_a_hash_for_each_file() -> None:
    source = config("data=fashion_mnist").data
    assert len(source.urls) >= 2  # type: ignore[attr-defined]
    assert sorted(map(len, source.sha256.values())) == [64] * 4  # type: ignore[attr-defined]


WHOLE = "expected a whole number from 1 to 1,000,000,000"
MONITORED = f"expected a list of any of {', '.join(Monitor.kinds())}, each once: [gradients]"
RATES = "expected a number >= 0 and < 1, or a list of them for all layers but the last: [0.2,0.5]"
HELD = "expected a number from 1.2e-38 to 3.4e+38, what float32 can hold"
PRESETS = ", ".join(sorted(file.stem for file in (ROOT / "experiments").glob("*.yaml")))
SIZES = "expected a list of two or more whole numbers from 1 to 1,000,000,000, such as [784,100,10]"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("eta=-1", "eta: got -1.0, expected a number > 0"),
        ("eta=0", "eta: got 0.0, expected a number > 0"),
        ("eta=nan", "eta: got nan, expected a number > 0"),
        ("eta=inf", "eta: got inf, expected a number > 0"),
        ("eta=abc", "eta: got 'abc', expected a number > 0"),
        ("eta=1e-50", "eta: got 1e-50, expected a number from 1.2e-38 to 3.4e+38, what float32 can hold"),
        ("eta=1e308", "eta: got 1e+308, expected a number from 1.2e-38 to 3.4e+38, what float32 can hold"),
        ("optimiser=adam optimiser.epsilon=1e-60", f"optimiser.epsilon: got 1e-60, {HELD}"),
        ("init=orthogonal init.gain=1e60", f"init.gain: got 1e+60, {HELD}"),
        ("regulariser=max_norm regulariser.c=1e60", f"regulariser.c: got 1e+60, {HELD}"),
        ("epochs=3 schedule.warm_up=3", "schedule.warm_up: got 3, expected fewer than epochs, which is 3"),
        (
            "activation.layers=[null]",
            "activation.layers: got '[null]', expected a list of any of "
            f"{', '.join(sorted(Activation.kinds()))}: [tanh,relu]",
        ),
        ("eta=", "eta: got '', expected a number > 0"),
        ("epochs=0", f"epochs: got 0, {WHOLE}"),
        ("epochs=3.5", f"epochs: got '3.5', {WHOLE}"),
        ("epochs=null", f"epochs: got 'null', {WHOLE}"),
        ("mini_batch_size=0", f"mini_batch_size: got 0, {WHOLE}"),
        ("threads=0", "threads: got 0, expected a whole number from 1 to 1,024"),
        ("threads=many", "threads: got 'many', expected a whole number from 1 to 1,024"),
        ("seed=-1", "seed: got -1, expected a whole number >= 0"),
        ("resume=yes", "resume: got 'yes', expected auto or never or require"),
        ("checkpoint_seconds=-1", "checkpoint_seconds: got -1.0, expected a number >= 0"),
        ("checkpoint_upload=7.5", "checkpoint_upload: got '7.5', expected true or false"),
        ("pictures=some", "pictures: got 'some', expected true or false"),
        ("monitor=[losses]", f"monitor: got ['losses'], {MONITORED}"),
        ("monitor=[gradients,gradients]", f"monitor: got ['gradients', 'gradients'], {MONITORED}"),
        ("monitor=gradients", f"monitor: got 'gradients', {MONITORED}; write 'monitor=[gradients]'"),
        ("monitor=null", f"monitor: got 'null', {MONITORED}"),
        ("dropout=1", f"dropout: got 1, {RATES}"),
        ("dropout=true", f"dropout: got True, {RATES}"),
        ("dropout=half", f"dropout: got 'half', {RATES}"),
        ("dropout=[0.2,-0.5]", f"dropout: got [0.2, -0.5], {RATES}"),
        (
            "dropout=[0.2,0.5,0.5]",
            "dropout: got [0.2, 0.5, 0.5], expected 2 numbers, one for each layer but the last of 'sizes=[784,30,10]'",
        ),
        ("dtype=float16", "dtype: got 'float16', expected float32 or float64"),
        ("sizes=[784]", f"sizes: got [784], {SIZES}"),
        ("sizes=[]", f"sizes: got [], {SIZES}"),
        ("sizes=[784,-3,10]", f"sizes: got [784, -3, 10], {SIZES}"),
        ("sizes=[784,1.5,10]", f"sizes: got '[784,1.5,10]', {SIZES}"),
        ("sizes=30", f"sizes: got '30', {SIZES}"),
        (
            "sizes=[100,30,10]",
            "sizes: first layer has 100 units, but mnist examples have 784 values; write 'sizes=[784,30,10]'",
        ),
        ("sizes=[784,30,9]", "sizes: last layer has 9 units, but mnist has 10 classes; write 'sizes=[784,30,10]'"),
        ("cost=foo", "cost: got 'foo', expected one of cross_entropy, log_likelihood, quadratic"),
        ("activation=foo", f"activation: got 'foo', expected one of {', '.join(sorted(Activation.kinds()))}"),
        (
            "activation.layers=[tanh,foo]",
            "activation.layers: got ['tanh', 'foo'], expected a list of any of "
            f"{', '.join(sorted(Activation.kinds()))}: [tanh,relu]",
        ),
        (
            "activation.layers=[tanh,relu]",
            "activation.layers: got ['tanh', 'relu'], expected 1 activation, one for each hidden layer of "
            "'sizes=[784,30,10]'",
        ),
        ("init=foo", f"init: got 'foo', expected one of {', '.join(sorted(Initialiser.kinds()))}"),
        ("tracking=foo", "tracking: got 'foo', expected one of folder, mlflow, off, server"),
        ("data=foo", "data: got 'foo', expected one of digits, fashion_mnist, idx, mnist, mnist_pickle, npz"),
        ("experiments=foo", f"experiments: got 'foo', expected one of {PRESETS}"),
        ("cost.kind=foo", "cost.kind: got 'foo', expected 'quadratic'; say cost=foo"),
        ("etaa=3", "etaa: no such setting; did you mean eta?"),
        ("eta=${foo}", "eta: Interpolation key 'foo' not found"),
        ("~eta", "eta: got nothing, expected a value"),
        ("+etaa=3", "etaa: no such setting; nnexp run --help lists them"),
        ("+cost.slope=3", "cost.slope: no such setting; nnexp run --help lists them"),
        ("data.nope=3", "data.nope: no such setting; nnexp run --help lists them"),
        ("data.pth=3", "data.pth: no such setting; did you mean data.path?"),
        (
            "data.path=a.npz",
            "data.path: no such setting of this choice of data; data=mnist_pickle or data=npz has it",
        ),
        ("lr=3", "lr: no such setting; did you mean eta?"),
        ("+eta=3", "eta: is there already, and + is for what is not; write eta=3"),
        ("~foo", "foo: no such setting; nnexp run --help lists them"),
        ("tracking.experiment=", "tracking.experiment: got '', expected a name"),
        ("tracking.uri=", "tracking.uri: got '', expected an address such as sqlite:///mlflow.db"),
        ("sizes=[784,", f"sizes: got '[784,', {SIZES}"),
    ],
)
def test_a_bad_setting_is_named_with_what_was_found_and_what_was_expected(override: str, message: str) -> None:
    assert problems_of_run(override.split()) == [message]


def test_to_require_a_run_where_none_is_remembered_is_refused_naming_both() -> None:
    problem = "resume: got 'require', but with tracking=off no run is remembered that it could find"
    assert problems_of_run(["resume=require", "tracking=off"]) == [problem]


@pytest.mark.parametrize("words", [["search=bayes", "search.trials=3"], ["activation=rel", "activation.slope=3"]])
def test_of_a_choice_that_there_is_not_its_settings_are_not_judged(words: list[str]) -> None:
    (problem,) = problems_of_run(words)
    assert ", expected one of " in problem


def test_problems_of_run_are_reported_at_once_those_of_type_and_of_value() -> None:
    found = problems_of_run(["eta=abc", "epochs=-1", "sizes=[784,-3,10]", "cost=foo", "etaa=3", "seed=-1"])
    assert {problem.split(":")[0] for problem in found} == {"eta", "epochs", "sizes", "cost", "etaa", "seed"}


def test_a_password_in_the_address_of_the_store_is_refused_and_not_repeated() -> None:
    (problem,) = problems_of_run(["tracking.uri=postgresql://ann:s3cret@db/mlflow"])
    assert "MLFLOW_TRACKING_URI" in problem
    assert "s3cret" not in problem


def test_the_article_preset_is_the_articles_network() -> None:
    settings = flat(config("experiments=article"))
    wanted = {"sizes": [784, 30, 10], "epochs": 30, "mini_batch_size": 10, "eta": 3.0, "dtype": "float64"}
    wanted |= {"init": "gaussian", "cost": "quadratic", "activation": "sigmoid"}
    assert wanted.items() <= settings.items()


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ([], "784-30-10 eta=3 seed=0"),
        (["sizes=[784,100,10]", "eta=0.5", "seed=7"], "784-100-10 eta=0.5 seed=7"),
        (["cost=cross_entropy", "epochs=5"], "784-30-10 eta=3 seed=0 epochs=5 cost=cross_entropy"),
        (["tracking=off"], "784-30-10 eta=3 seed=0"),
        (["data=npz", "data.path=a.npz"], "784-30-10 eta=3 seed=0 data=npz"),
        (["regulariser=l2", "regulariser.lmbda=5"], "784-30-10 eta=3 seed=0 regulariser=l2 regulariser.lmbda=5"),
    ],
)
def test_a_run_is_named_by_its_network_and_what_is_not_usual(overrides: list[str], name: str) -> None:
    assert run_name(flat(config(*overrides))) == name


@pytest.mark.parametrize(
    "overrides",
    [
        ["sizes=[784,100,10]", "eta=3.0"],
        ["data=npz", "data.path='some folder/it''s, here.npz'".replace("''", "\\'"), "data.validation=100"],
        ["data=fashion_mnist", "cost=cross_entropy", "dtype=float64"],
        ["experiments=article", "seed=12"],
        ["tracking=folder", "tracking.path='some folder'"],
    ],
)
def test_the_command_that_makes_a_run_again_gives_the_same_settings(overrides: list[str]) -> None:
    settings = flat(config(*overrides))
    again = shlex.split(command(settings))
    assert again[:3] == ["python", "-m", "nnexp.run"]
    assert flat(config(*again[3:])) == settings


def test_the_command_that_makes_a_run_again_names_no_mlflow_store() -> None:
    assert "tracking" not in command(flat(config("tracking.uri=sqlite:///other.db")))


def test_problems_of_run_of_settings_raise_one_error() -> None:
    with pytest.raises(ConfigError) as caught:
        config("eta=-1", "seed=-1")
    assert len(caught.value.problems) == 2


def test_what_hydra_composes_has_no_target() -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        assert "_target_" not in str(OmegaConf.to_container(composed("config", [])))


@pytest.mark.parametrize("text", ["plain", "Größe", "ünï.npz", "it's", "null", "1e-05"])
def test_what_is_typed_is_read_by_hydra_as_it_was(text: str) -> None:
    (override,) = OverridesParser.create().parse_overrides([f"sweep.name={typed(text)}"])
    assert override.value() == text


def test_a_long_command_is_broken_into_lines_that_a_shell_joins() -> None:
    words = ["python", "-m", "nnexp.run", *[f"setting_{number}=a b" for number in range(9)]]
    text = on_lines(words, width=60)
    assert max(map(len, text.splitlines())) < 70
    assert shlex.split(text.replace("\\\n", "")) == words


def test_an_eta_that_float64_can_only_hold_with_fewer_digits_is_refused() -> None:
    (problem,) = problems_of_run(["eta=1e-320", "dtype=float64"])
    assert problem.endswith("expected a number from 2.2e-308 to 1.8e+308, what float64 can hold")


def test_several_values_lead_to_a_sweep() -> None:
    (problem,) = problems_of_run(["eta=0.5,3.0"])
    assert problem == "eta: got '0.5,3.0', expected a number > 0; several values are a sweep: add -m"

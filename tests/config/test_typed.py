"""Whatever is typed: exit code 2, a short line for each problem, and what to write instead where that can be told."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import cycle, product
from pathlib import Path

import pytest
from configs import composed, composer
from hydra import initialize_config_dir
from hydra._internal.utils import get_args_parser
from running import run_nnexp

from nnexp.config.command_line import SWITCHES, VALUES, read
from nnexp.config.errors import all_problems, explained, problems_of_line
from nnexp.config.schema import CONF, GROUPS, PLAIN, register
from nnexp.config.sweep_settings import NAME
from nnexp.errors import ConfigError
from nnexp.printable import LONGEST
from nnexp.train.monitors.base import Monitor

register()

SIZES = "expected a list of two or more whole numbers from 1 to 1,000,000,000, such as [784,100,10]"
EPOCHS = "expected a whole number from 1 to 1,000,000,000"
ETA = "expected a number > 0"
SEED = "expected a whole number >= 0"
DATA = "expected one of digits, fashion_mnist, idx, mnist, mnist_pickle, npz"
COST = "expected one of cross_entropy, log_likelihood, quadratic"
MONITOR = f"expected a list of any of {', '.join(Monitor.kinds())}, each once: [gradients]"
LMBDA = "regulariser=elastic or regulariser=l1 or regulariser=l2"
FORM = "is not of the form setting=value"

SLIPS = {
    "eta = 3.0": f"eta = 3.0: {FORM}; write eta=3.0",
    "eta= 3": f"eta= 3: {FORM}; write eta=3",
    "eta =3": f"eta =3: {FORM}; write eta=3",
    "--eta=3": f"--eta=3: {FORM}; write eta=3",
    "--eta 3": f"--eta 3: {FORM}; write eta=3",
    "-eta 3": f"-eta 3: {FORM}; write eta=3",
    "-pictures=false": f"-pictures=false: {FORM}; write pictures=false",
    "--data.path x.npz data=npz": f"--data.path x.npz: {FORM}; write data.path=x.npz",
    "eta:3": f"eta:3: {FORM}; write eta=3",
    "eta: 3": f"eta: 3: {FORM}; write eta=3",
    "eta 3": f"eta 3: {FORM}; write eta=3",
    "eta==3": f"eta==3: {FORM}; write eta=3",
    "eta=3 epochs 5": f"epochs 5: {FORM}; write epochs=5",
    "-m eta = 1,2": f"eta = 1,2: {FORM}; write eta=1,2",
    "sizes=[784, 100, 10]": "sizes=[784, 100, 10]: has spaces; write 'sizes=[784, 100, 10]'",
    "eta = abc": f"eta: got 'abc', {ETA}",
    "etaa = 3": "etaa: no such setting; did you mean eta?",
    "eta": f"eta: {FORM}, such as eta=3.0; --help lists settings",
    "foo": f"foo: {FORM}, such as eta=3.0; --help lists settings",
    "--foo": "--foo: no such option; settings have no dashes, --help lists them",
    "--cfg foo": "--cfg: got foo, expected one of job, hydra, all",
    "--cfg": "--cfg: got nothing, expected one of job, hydra, all",
    "--config-dir=nowhere": "--config-dir: got 'nowhere', expected a folder that is there",
    "-m --run": "-m and --run: can't be done at once, expected one of them",
    "--resolve": "--resolve: shows nothing by itself, expected --cfg job too",
    "--experimental-rerun x.pkl": (
        "--experimental-rerun: reads a pickle, which can run code; `nnexp rerun RUN_ID` makes a run again"
    ),
    "epochs=1e2": f"epochs: got '1e2', {EPOCHS}; write epochs=100",
    "epochs=100.0": f"epochs: got '100.0', {EPOCHS}; write epochs=100",
    "eta=3,0": f"eta: got '3,0', {ETA}; write eta=3.0; several values are a sweep: add -m",
    "'eta=3.0;'": f"eta: got '3.0;', {ETA}; write eta=3.0",
    "seed=1,2": f"seed: got '1,2', {SEED}; several values are a sweep: add -m",
    "'seed=range(5)'": f"seed: got 'range(5)', {SEED}; several values are a sweep: add -m",
    "sizes=784,100,10": f"sizes: got '784,100,10', {SIZES}; write 'sizes=[784,100,10]'",
    "sizes=784-100-10": f"sizes: got '784-100-10', {SIZES}; write 'sizes=[784,100,10]'",
    "'sizes=[784 100 10]'": f"sizes: got '[784 100 10]', {SIZES}; write 'sizes=[784,100,10]'",
    "sizes=[784 100 10]": f"sizes: got '[784 100 10]', {SIZES}; write 'sizes=[784,100,10]'",
    "'sizes=(784,100,10)'": f"sizes: got '(784,100,10)', {SIZES}; write 'sizes=[784,100,10]'",
    "'sizes=[784,100,10'": f"sizes: got '[784,100,10', {SIZES}; write 'sizes=[784,100,10]'",
    "'sizes=784,100,10]'": f"sizes: got '784,100,10]', {SIZES}; write 'sizes=[784,100,10]'",
    "dtype=Float32": "dtype: got 'Float32', expected float32 or float64; write dtype=float32",
    "resume=Never": "resume: got 'Never', expected auto or never or require; write resume=never",
    "cost=Quadratic": f"cost: got 'Quadratic', {COST}; write cost=quadratic",
    "cost=softmax": f"cost: got 'softmax', {COST}; write cost=log_likelihood",
    "monitor=gradient": f"monitor: got 'gradient', {MONITOR}; write 'monitor=[gradients]'",
    "'monitor=[gradient,saturation]'": (
        f"monitor: got ['gradient', 'saturation'], {MONITOR}; write 'monitor=[gradients,saturation]'"
    ),
    "lmbda=5": f"lmbda: no such setting; did you mean regulariser.lmbda of {LMBDA}?",
    "weight_decay=5": f"weight_decay: no such setting; did you mean regulariser.lmbda of {LMBDA}?",
    "momentum=0.5": (
        "momentum: no such setting; did you mean optimiser.momentum of optimiser=momentum or optimiser=nesterov?"
    ),
    "nesterov=true": "nesterov: no such setting; did you mean optimiser.nesterov of optimiser=momentum?",
    "slope=0.1": "slope: no such setting; did you mean activation.slope of activation=leaky_relu?",
    "patience=3": "patience: no such setting; did you mean stopping.epochs of stopping=no_improvement?",
    "early_stopping=5": "early_stopping: no such setting; did you mean stopping.epochs of stopping=no_improvement?",
    "data=mnist.npz": f"data: got 'mnist.npz', {DATA}; write data=npz data.path=mnist.npz",
    "'data=my data.npz'": f"data: got 'my data.npz', {DATA}; write data=npz \"data.path='my data.npz'\"",
    "data=/x/mnist.pkl.gz": f"data: got '/x/mnist.pkl.gz', {DATA}; write data=mnist_pickle data.path=/x/mnist.pkl.gz",
    "data=emnist/": f"data: got 'emnist/', {DATA}; write data=idx data.folder=emnist/",
    "'eta=loguniform(0.1,10)'": (
        "eta: got 'loguniform(0.1,10)', expected a number > 0; write 'eta=tag(log,interval(0.1,10))'"
    ),
    "'eta=uniform(0.1,10)'": "eta: got 'uniform(0.1,10)', expected a number > 0; write 'eta=interval(0.1,10)'",
    "launch.workers=2.0": "launch.workers: got '2.0', expected a whole number > 0, or null for one for each core; "
    "write launch.workers=2",
    "sweep.plan=null": "sweep.plan: got 'null', expected a value",
    "sweep.zip={}": "sweep.zip: got '{}', expected a list of settings, or a list of such lists",
    "sweep.name=größe": f"sweep.name: got 'größe', expected {NAME.expected}",
    "sweep.name=-x": f"sweep.name: got '-x', expected {NAME.expected}",
    "'sweep.jobs=[1]'": "sweep.jobs: got '[1]', expected a text; write \"sweep.jobs='[1]'\"",
    "sweep.plan=maybe": "sweep.plan: got 'maybe', expected true or false",
    "'sweep.exclude=eta > 1'": (
        "sweep.exclude=eta > 1: can't be read as setting=value; write \"sweep.exclude='eta > 1'\""
    ),
}


@pytest.fixture(autouse=True)
def composed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.config.errors.compose", composed)


@pytest.mark.parametrize("typed", SLIPS)
def test_what_people_type_is_answered_by_what_to_write(typed: str) -> None:
    assert problems_of_line(read(shlex.split(typed))) == [SLIPS[typed]]


def test_a_sweep_is_judged_by_its_first_job() -> None:
    words = ["-m", "data=digits", "sizes=[64,30,10],[64,20,10]", "seed=range(2)", "cost=glob(*)"]
    assert problems_of_line(read(words)) == []
    assert problems_of_line(read([*words, "eta=-1,2"])) == [f"eta: got -1.0, {ETA}"]


def test_a_bug_in_a_sweep_is_not_taken_for_a_mistake_of_the_user() -> None:
    line = read(["-m", "data=digits", "sizes=[64,30,10],[64,20,10]"])
    assert explained(AttributeError("'NoneType' object has no attribute 'id'"), line) is None


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = problems_of_line(read(["eta", "=", "3", "--foo", "epochs=-1", "etaa=3"]))
    assert [problem.split(":")[0] for problem in found] == ["--foo", "eta = 3", "etaa", "epochs"]


@pytest.mark.parametrize(
    "typed",
    [
        "eta=3.0 'sizes=[784,100,10]'",
        "-m eta=1,2 'seed=range(5)'",
        "eta=1,2 -m seed=0,1",
        "--cfg job eta=3",
        "--info defaults",
        "-i eta=3",
        "--config-dir . ++eta=3",
        "-sc install=bash",
        "~data.path hydra/launcher=joblib data@data=npz",
        "",
    ],
)
def test_what_is_right_stays(typed: str) -> None:
    words = shlex.split(typed)
    line = read(words)
    assert (line.problems, line.typed) == ([], {})
    assert set(words) <= set(line.words)


def test_every_option_of_hydra_is_known() -> None:
    assert set(get_args_parser()._option_string_actions) == SWITCHES | set(VALUES)


# Every setting, and every kind of value.

SETTINGS = {name: [] for name in (*PLAIN, "tracking.uri", "tracking.experiment", "launch.workers", "launch.kind")}
SETTINGS |= {f"sweep.{name}": [] for name in ("name", "zip", "jobs", "exclude", "plan")}
SETTINGS |= {f"data.{name}": ["data=npz"] for name in ("kind", "path", "validation", "classes")}
SETTINGS |= {"data.folder": ["data=idx"], "data.urls": ["data=fashion_mnist"], "data.sha256": ["data=fashion_mnist"]}
CHOICES = [*GROUPS, "experiments", "sweep"]

KINDS = {
    "nothing": "",
    "null": "null",
    "a nested list": "[[64],[8],[10]]",
    "a list of null": "[null]",
    "a dictionary": "{a:1}",
    "true": "true",
    "nan": "nan",
    "minus infinity": "-inf",
    "5,000 digits": "9" * 5000,
    "5,000 letters": "x" * 5000,
    "a hidden number": "${eta}",
    "an interpolation that leads nowhere": "${foo}",
    "a line break": "a\nb",
    "an escape sequence": "'\x1b]0;title\x07'",
    "a mark of direction": "\u202eabc",
    "no text": "\udcff",
    "letters of the world": "Größe数🙂",
    "1,000 brackets": "[" * 1000,
    "a sweep": "range(5)",
    "a path": "../a b/c.npz",
    "a quote": "it's",
}
FOR_CHOICES = ["null", "a nested list", "a dictionary", "nan", "5,000 digits", "5,000 letters", "no text"]
CHOSEN = sorted({*zip(CHOICES, cycle(FOR_CHOICES)), *product(["cost", "experiments"], FOR_CHOICES)})  # in turn


@pytest.fixture
def composing() -> Iterator[None]:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield


def lines_about(words: list[str]) -> list[str]:
    """What a user sees of what is wrong."""
    problems = all_problems(words, composer())
    return str(ConfigError(problems)).split("\n") if problems else []


@pytest.mark.slow
@pytest.mark.usefixtures("composing")
@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_of_any_kind_is_read_or_refused_in_a_short_line(kind: str) -> None:
    for name, before in SETTINGS.items():
        for line in lines_about([*before, f"{name}={KINDS[kind]}"]):
            assert line.isprintable()
            assert len(line) <= LONGEST
            assert line.startswith((name, "data.path: got ''", "data.folder: got ''")), line


@pytest.mark.slow
@pytest.mark.usefixtures("composing")
@pytest.mark.parametrize(("name", "kind"), CHOSEN)
def test_a_choice_of_any_kind_is_refused_in_a_short_line(name: str, kind: str) -> None:
    lines = lines_about([f"{name}={KINDS[kind]}"])
    assert lines or (name, kind) == ("experiments", "null")
    for line in lines:
        assert line.isprintable()
        assert len(line) <= LONGEST
        assert line.startswith(name)


# The whole program.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        (["sizes=[[64],[8],[10]]"], "sizes: got [[64], [8], [10]], expected a list"),
        (["-m", f"epochs={'9' * 5000}", "seed=0,1"], "epochs: got '999"),
        (["--eta=3"], "--eta=3: is not of the form setting=value; write eta=3"),
        ([f"cost={'x' * 5000}"], "cost: got 'xxx"),
        (["data.path=\udcff", "data=npz"], r"data.path=\udcff: can't be read"),
    ],
    ids=lambda each: each[0][:20] if isinstance(each, list) else "",
)
def test_the_program_ends_with_2_lines_and_nothing_written(tmp_path: Path, words: list[str], beginning: str) -> None:
    done = run_nnexp(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(beginning)
    assert max(map(len, done.stderr.splitlines())) <= LONGEST
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_options_may_stand_between_settings(tmp_path: Path) -> None:
    done = run_nnexp(tmp_path, "experiments=quick", "tracking=off", "-m", "seed=0,1", "sweep.plan=true")
    assert done.returncode == 0, done.stderr
    assert "2 jobs, 0 of them done" in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x: 1", "experiments=p: Key 'x' not in 'Config'"),
        ("eta: [1", "experiments=p: while parsing a flow sequence"),
        (
            "defaults: [{override /optimiser: newton}]",
            "experiments=p: optimiser: got 'newton', expected one",
        ),
    ],
)
def test_what_is_wrong_in_a_preset_is_told_of_the_preset(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments/p.yaml").write_text(f"# @package _global_\n{content}\n")
    (problem,) = problems_of_line(read(["--config-dir", str(tmp_path), "experiments=p"]))
    assert problem.startswith(message)

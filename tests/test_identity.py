"""What makes a run the run that it is."""

from __future__ import annotations

from typing import Any

import pytest
from configs import config

from nnexp import identity
from nnexp.config.schema import GROUPS, PLAIN, flat
from nnexp.identity import counts, of_earlier_runs, run_key
from nnexp.nn.engines.compiled import Compiled

COUNTING = {"sizes", "epochs", "mini_batch_size", "eta", "seed", "dtype", "threads"}
COUNTING |= {"data", "data.validation", "data.classes", "activation", "cost", "init", "monitor", "dropout"}
COUNTING |= {"activation.alpha", "init.distribution", "init.gain", "cost.smoothing"}
COUNTING |= {"engine", "optimiser.beta1", "optimiser.beta2", "optimiser.epsilon"}
COUNTING |= {
    "activation.layers",
    "activation.slope",
    "optimiser",
    "optimiser.momentum",
    "optimiser.nesterov",
    "regulariser",
}
COUNTING |= {"optimiser.rho", "optimiser.decay", "regulariser.l1_ratio", "regulariser.c"}
COUNTING |= {"average", "average.decay", "average.start"}
COUNTING |= {"regulariser.lmbda", "schedule", "schedule.every", "schedule.factor", "stopping", "stopping.epochs"}
COUNTING |= {f"schedule.{name}" for name in ("warm_up", "decay", "power", "end", "rise", "start", "epochs")}
COUNTING |= {f"stopping.{name}" for name in ("restore_best", "accuracy", "seconds", "share")}
COUNTING |= {"train_size", "balanced", "label_noise", "standardise"}
COUNTING |= {"augment", "augment.pixels", "augment.degrees", "augment.alpha", "augment.sigma"}

NOT_COUNTING = {"tracking", "tracking.uri", "tracking.experiment", "resume", "checkpoint_seconds", "checkpoint_upload"}
NOT_COUNTING |= {
    "tracking.path",
    "tracking.variable",
    "launch",
    "launch.wait",
    "launch.workers",
    "launch.account",
    "launch.address",
    "launch.constraint",
    "launch.cores",
    "launch.directives",
    "launch.gigabytes",
    "launch.memory",
    "launch.minutes",
    "launch.partition",
    "launch.resources",
    "launch.setup",
    "launch.nodes",
    "launch.warning_seconds",
    "pictures",
    "data.path",
    "data.folder",
    "data.max_gb",
    "data.urls",
    "data.sha256",
}
OF_A_SEARCH = ("trials", "timeout", "startup", "seed", "seeds", "confirm", "objectives", "prune", "population")
NOT_COUNTING |= {"search", *(f"search.{name}" for name in OF_A_SEARCH)}


def every_setting() -> set[str]:
    """The name of every setting that there is, whatever is chosen."""
    names = {*PLAIN, *GROUPS}
    for group, base in GROUPS.items():
        names |= {f"{group}.{each.name}" for kind in base.kinds().values() for each in kind.settings_fields()}
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


def test_the_key_depends_on_the_version_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = SETTINGS | {"engine": "compiled"}
    before = run_key(made, "ab")
    monkeypatch.setattr(Compiled, "arithmetic", Compiled.arithmetic + 1)
    assert run_key(made, "ab") != before


MADE_BY_431866A = [  # keys that this commit gave to runs of these words, on data with the SHA-256 "ab"
    ("", "7343b19209893f5a06efb20ab924c4eaebdafeec771b445ce891535f518ea962"),
    ("eta=0.5 sizes=[784,100,10] seed=7", "3b3475eacfbd981515edc8137ac34fe96aed3b3c65a79e8dd56178acb4564023"),
    (
        "data=npz data.path=a.npz data.validation=100 cost=cross_entropy init=gaussian",
        "5b07ad9f63dfa4e496ad53bfecebe53c2c3d712e63d0b52e03e4d4fd4744a293",
    ),
    (
        "data=idx data.folder=x data.classes=26 sizes=[784,30,26]",
        "3a5bb7e1e592aa4e98bdb4f0a516fbba8e6fa915c93134e2014260b3d3892826",
    ),
    (
        "data=fashion_mnist activation=relu dtype=float64 threads=2",
        "7f50853a19c738db9e94fb3697631d173916acd1956984f1e0602f519001e204",
    ),
    (
        "data=mnist_pickle data.path=a.pkl.gz activation=tanh mini_batch_size=40",
        "938ed3dd975937d17cc21fb3cd3ccb2b852f15b28aef9e6eff767d3c75fa082c",
    ),
    ("experiments=article", "ebd45c5a52ed43d9da2d2f8a26b5f6f3f6a30c661ea0fd770dc2d3a6ca8d0ad9"),
    (
        "experiments=quick monitor=[saturation,gradients] tracking=off resume=never pictures=false",
        "d4ffb730105d1ca3d44b806311e7d81f5fa948643d5fdb5ced638ef112662fc6",
    ),
]


@pytest.mark.parametrize(("words", "key"), MADE_BY_431866A)
def test_a_run_has_the_key_that_it_had_before_there_were_more_settings(words: str, key: str) -> None:
    assert run_key(flat(config(*words.split(), "engine=numpy")), "ab") == key


def test_a_monitored_run_is_another_one_whatever_the_order_of_the_names() -> None:
    plain, one, other = (
        run_key(SETTINGS | {"monitor": names}, "ab")
        for names in ([], ["gradients", "saturation"], ["saturation", "gradients"])
    )
    assert plain == run_key(SETTINGS, "ab") != one == other


@pytest.mark.parametrize(("typed", "same"), [("cost.smoothing=0", True), ("cost.smoothing=0.1", False)])
def test_a_run_without_label_smoothing_is_the_one_of_before_there_was_it(typed: str, same: bool) -> None:
    settings = flat(config("cost=cross_entropy", typed))
    earlier = {name: value for name, value in settings.items() if name != "cost.smoothing"}
    assert (run_key(settings, "ab") == run_key(earlier, "ab")) == same


def test_a_run_of_before_there_was_a_setting_of_its_part_is_known_to_have_had_none_of_it() -> None:
    assert of_earlier_runs({"cost": "log_likelihood"})["cost.smoothing"] == 0
    assert "cost.smoothing" not in of_earlier_runs({"cost": "quadratic"})


MADE_BY_2CA820D = [  # likewise, of runs whose parts had fewer settings
    ("schedule=step schedule.every=3", "cc52eafe716fb5ce4a006a52755aec60cc777d7f5b2d0f2468a9f8b1c3103a6b"),
    ("stopping=no_improvement stopping.epochs=4", "22f80ce160b51a76f4f506d05a7364b4e5fb417812b5ddcf11712833c7055f26"),
    (
        "schedule=step stopping=no_improvement optimiser=adam",
        "0a1dd25c18e7f17412491440aab874a42fe815908f96ac82c2ada946df86da42",
    ),
]


@pytest.mark.parametrize(("words", "key"), MADE_BY_2CA820D)
def test_a_run_has_the_key_that_it_had_before_its_parts_had_more_settings(
    words: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Compiled, "arithmetic", 2)  # as it was then
    assert run_key(flat(config(*words.split())), "ab") == key


def test_another_warm_up_and_other_weights_at_the_end_are_another_run() -> None:
    words = ["", "schedule.warm_up=3", "stopping.restore_best=true", "stopping=no_improvement"]
    words.append("stopping=no_improvement stopping.restore_best=false")
    assert len({run_key(flat(config(*each.split())), "ab") for each in words}) == 5


def test_an_earlier_run_has_what_came_later_as_it_was_then() -> None:
    earlier = of_earlier_runs({"stopping": "no_improvement", "schedule": "step"})
    assert (earlier["stopping.restore_best"], earlier["schedule.warm_up"], earlier["monitor"]) == (True, 0, [])
    assert of_earlier_runs({})["stopping.restore_best"] is False

"""Composing many configurations gives what composing each one gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from configs import composed as composed_by_hydra
from hydra import compose, initialize_config_dir
from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig

from nnexp.config.compose import changed, config_of
from nnexp.config.composer import Composer
from nnexp.config.conversion import config_from
from nnexp.config.schema import CONF, Config, flat, is_plain, register


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


@pytest.mark.parametrize(("augment", "settings"), [("shift", {"pixels": 1}), ("elastic", {"degrees": 10})])
def test_a_presets_settings_of_a_choice_hold_while_the_choice_does(
    composed: list[Sequence[str]], augment: str, settings: dict[str, object]
) -> None:
    config = composer(composed).config(["experiments=best", f"augment={augment}"])
    assert config.augment.settings.items() >= settings.items()


def test_a_run_takes_a_preset_without_what_it_says_of_another_choice() -> None:
    assert config_of(["experiments=best", "augment=none"]).augment.kind == "none"


PRESETS = [[f"experiments={preset}"] for preset in ("quick", "best", "search-eta")]  # values, choices, a search
PAIRS = [  # of overrides that are alike: the second is made from the first
    (["seed=1"], ["seed=2"]),
    (["eta=1", "sizes=[784,3,10]"], ["eta=2.5", "sizes=[784,100,30,10]"]),
    (["eta=1", "seed=0", "eta=2"], ["eta=3", "seed=0", "eta=1"]),
    (["eta=1e-3", "dtype=float32"], ["eta='2'", "dtype='float64'"]),
    (["pictures=true", "checkpoint_seconds=1"], ["pictures=no", "checkpoint_seconds=0.5"]),
    (["data=npz", "data.path=a.npz", "data.max_gb=1"], ["data=npz", "data.path='it\\'s b'", "data.max_gb=null"]),
    (["optimiser=momentum", "optimiser.nesterov=false"], ["optimiser=momentum", "optimiser.nesterov=true"]),
    (["monitor=[]"], ["monitor=[gradients,saturation]"]),
    (["launch.workers=5", "tracking.uri=null"], ["launch.workers=4", "tracking.uri=sqlite:///a.db"]),
    (["launch=serial", "sweep.name=a", "mini_batch_size=7"], ["launch=serial", "sweep.name=b", "mini_batch_size=8"]),
    (["+seed=1"], ["+seed=2"]),
    (["seed=1", "checkpoint_seconds=${eta}"], ["seed=2", "checkpoint_seconds=${eta}"]),
    (["checkpoint_seconds=2", "eta=1"], ["checkpoint_seconds=${eta}", "eta=2"]),
    (["checkpoint_seconds=${eta}", "eta=1"], ["checkpoint_seconds=${eta}", "eta=2"]),
]
WRONG = ["eta=abc", "eta=-1", "sizes=[784,a]", "sizes=[784,9]", "seed=1.5", "seed=null", "seed=???", "seed={a:1}"]
WRONG += [
    "data.nothing=1",
    "eta.x=1",
    "sizes.x=1",
    "sizes.0=5",
    "data.kind=npz",
    "seed=${nothing}",
    "seed=1,2",
    "seed=",
]


def exactly(config: Config) -> dict[str, tuple[str, type]]:
    """Its settings with their types, which are equal for 1 and 1.0 and True."""
    return {name: (repr(value), type(value)) for name, value in flat(config).items()}


def made(compose_: Callable[[], Config]) -> object:
    """The settings, or what is wrong."""
    try:
        return exactly(compose_())
    except Exception as error:
        return type(error), str(error)


@pytest.fixture(scope="module")
def by_omegaconf() -> Composer:
    """Composes each configuration by itself; of choices and presets, what Hydra made of them before."""
    return Composer(lambda words: composed_by_hydra("config", words), is_plain)


@pytest.mark.usefixtures("composed")
@pytest.mark.parametrize(
    ("preset", "first", "second"),
    [
        *(([], *pair) for pair in PAIRS),
        (["experiments=best"], ["data=npz", "data.path=a"], ["data=npz", "data.path=b"]),
        *((preset, *PAIRS[1]) for preset in PRESETS),
    ],
    ids=str,
)
def test_objects_made_from_those_before_are_what_composing_gives(
    by_omegaconf: Composer, preset: list[str], first: list[str], second: list[str]
) -> None:
    quick = Composer(by_omegaconf, is_plain)
    for words in ([*preset, *first], [*preset, *second], [*preset, *first]):
        assert made(partial(quick.config, words)) == made(lambda: config_from(by_omegaconf(words)))  # noqa: B023


@pytest.mark.usefixtures("composed")
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_objects_is_said_as_when_they_are_composed(by_omegaconf: Composer, wrong: str) -> None:
    name = wrong.partition("=")[0]
    right = {"eta": "eta=2", "sizes": "sizes=[784,3,10]", "seed": "seed=3"}.get(name, wrong)
    quick = Composer(by_omegaconf, is_plain)
    made(lambda: quick.config([right]))
    assert made(lambda: quick.config([wrong])) == made(lambda: config_from(by_omegaconf([wrong])))
    assert made(lambda: quick.config([right])) == made(lambda: config_from(by_omegaconf([right])))


def test_objects_made_from_those_before_are_not_composed(
    composed: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = composer(composed)
    quick.config(["cost=cross_entropy", "seed=0"])
    monkeypatch.setattr(Composer, "__call__", None)
    assert [quick.config(["cost=cross_entropy", f"seed={seed}"]).seed for seed in (1, 2)] == [1, 2]


def test_objects_made_from_those_before_share_nothing_with_them(composed: list[Sequence[str]]) -> None:
    quick = composer(composed)
    quick.config(["sizes=[784,3,10]", "launch.workers=5"])
    one, other = (quick.config(["sizes=[784,4,10]", "launch.workers=6"]) for _ in range(2))
    one.sizes.append(1)
    one.launch.__dict__["workers"] = 7
    assert (other.sizes, other.launch.settings["workers"]) == ([784, 4, 10], 6)


def test_words_for_a_changed_configuration_leave_out_the_settings_of_a_choice_that_is_replaced() -> None:
    config = config_of(["data=npz", "data.path=a.npz", "sizes=[4,2]", "sweep.name=first"])
    words = changed(config, ["data=idx", "data.folder=b"])
    assert "data.path=a.npz" not in words
    assert not [word for word in words if word.startswith("sweep")]
    assert flat(config_of(words))["data.folder"] == "b"

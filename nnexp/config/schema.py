"""The configuration: every setting and every choice. Here they all come together, and nowhere are they listed again."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nnexp.component import Component, declared, groups_of, number, one_of, setting
from nnexp.config.sweep_settings import Sweep
from nnexp.launch.launchers.base import Launcher
from nnexp.settings import Settings
from nnexp.study.samplers.base import Sampler
from nnexp.tracking.stores.base import Tracking

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE if (PACKAGE / "conf").is_dir() else PACKAGE.parent  # a wheel carries conf/ inside the package
CONF, EXPERIMENTS = ROOT / "conf", ROOT / "experiments"
PLUGINS = PACKAGE / "plugins"


@dataclass(kw_only=True)
class Config(Settings):
    """A run's settings: those that its numbers depend on, and how it is kept, logged, launched and swept."""

    tracking: Tracking = setting(help="who remembers runs", counts=False)
    resume: str = setting(
        help="auto: the same command again does what is left, and no more; never starts a new run all the same, "
        "require does not",
        rule=one_of(("auto", "never", "require")),
        counts=False,
    )
    checkpoint_seconds: float = setting(
        help="between two checkpoints, which come after an epoch", rule=number(least=0), counts=False
    )
    checkpoint_upload: bool = setting(
        help="also keep checkpoints with the run, so that another machine can go on", counts=False
    )
    pictures: bool = setting(
        help="made at the end of a run: learning curve, confusion matrix, reliability diagram, worst mistakes, and the "
        "first layer's weights over time",
        counts=False,
    )
    launch: Launcher = setting(help="how a sweep's jobs are run", counts=False)
    search: Sampler = setting(
        help="what chooses the settings of a sweep's jobs, from intervals and choices", counts=False
    )
    sweep: Sweep = field(default_factory=Sweep)


SWEEP = ("--multirun", "-m")  # Hydra's options for one
GROUPS = groups_of(Config)  # the base class of each group's parts
DECLARED = declared(Config)
RULES = {name: said.rule for name, said in DECLARED.items() if said.rule} | {
    f"{group}.{name}": said.rule
    for group, base in {**GROUPS, "sweep": Sweep}.items()
    for name, said in declared(base).items()
    if said.rule
}  # what a setting may be; of the parts' settings, those that all of a group have
PLAIN = tuple(name for name in DECLARED if name not in GROUPS)
CHOICES = (*GROUPS, "experiments")  # what has a value in each of conf/


def is_setting(name: str) -> bool:
    """Whether there is a setting of that name, or one above it: `data` is, and so `data.path` may be."""
    return name.partition(".")[0] in (*PLAIN, *CHOICES, "sweep")


def is_plain(name: str) -> bool:
    """Whether the setting is a value, and no choice: those Hydra applies last, in their order."""
    return name in PLAIN or (is_setting(name) and bool(re.fullmatch(r"\w+\.[\w.]+", name)))


_registered: dict[tuple[str, str], Any] = {}  # what Hydra's store has of us: making it anew takes a tenth of a second


def register(words: Sequence[str] | None = None) -> None:
    """Tell Hydra every choice with its types, every preset, and our plugins; `conf/` can then name them.

    words: of the command, if they are known: presets are read only if these may ask for one. A choice whose values have
    a file in conf/ is called after that, as in conf/data/fashion_mnist.yaml. Raises `UsageError` for another package's
    part that can't be loaded.
    """
    from hydra.core.config_store import ConfigStore

    if str(PLUGINS) not in sys.path:
        sys.path.append(str(PLUGINS))
    store: Any = ConfigStore.instance()
    store.__deepcopy__ = lambda _: store  # Hydra copies all of it, 40 ms, for each configuration, and changes no copy
    store.store(name="schema", node=Config)
    for group, base in GROUPS.items():
        for kind, part in base.kinds().items():
            has_file = (CONF / group / f"{kind}.yaml").exists()
            _register(group, f"{kind}_schema" if has_file else kind, part)
    tell_presets(["experiments="] if words is None else words)


def _may_ask_for_a_preset(word: str) -> bool:
    """Whether it chooses one, or is no setting of ours and so may bring a file that does."""
    name = word.partition("=")[0]
    return name == "experiments" or (not is_setting(name) and word not in SWEEP)


def tell_presets(words: Sequence[str]) -> None:
    """Tell Hydra the presets, if these words may ask for one, as they are beside these words.

    What a preset says of a choice's settings goes with its choice: `experiments=best augment=none` leaves out by how
    much it would have distorted.
    """
    if not any(map(_may_ask_for_a_preset, words)):
        return
    typed = {name: kind for name, _, kind in (word.partition("=") for word in words) if name in GROUPS}
    for name, preset in _presets().items():
        listed = [each for choice in preset.get("defaults", ()) for each in choice.items()]
        chosen = _root_choices() | {group.removeprefix("override /"): kind for group, kind in listed}
        replaced = {group for group, kind in typed.items() if chosen[group] != kind}
        # As a search path their folder would do too, but all that lies in it would turn up in tab completion.
        _register("experiments", name, {each: value for each, value in preset.items() if each not in replaced})


@cache
def _presets() -> dict[str, dict[str, Any]]:
    # OmegaConf's own reader takes ten times as long, at every start; a number that only it knows stays a word here,
    # which the setting's type makes a number.
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # where PyYAML was built with it
    return {
        file.stem: yaml.load(file.read_text(), Loader=loader)  # noqa: S506  # a safe one
        for file in sorted(EXPERIMENTS.glob("*.yaml"))
    }


def _register(group: str, name: str, node: type[Component] | dict[str, Any]) -> None:
    """Tell Hydra a part, or a preset, unless it has been told."""
    from hydra.core.config_store import ConfigStore

    if _registered.get((group, name)) != node:
        _registered[group, name] = node
        package = "_global_" if isinstance(node, dict) else None
        ConfigStore.instance().store(group=group, name=name, node=node, package=package)


def flat(config: Config) -> dict[str, Any]:
    """Every setting by the name it has on the command line: `{"eta": 3.0, "data": "npz", "data.path": ...}`."""
    settings: dict[str, Any] = {}
    for name, value in vars(config).items():
        if is_dataclass(value):
            parts = dict(vars(value))
            if "kind" in parts:
                settings[name] = parts.pop("kind")
            settings |= {f"{name}.{part}": part_value for part, part_value in parts.items()}
        else:
            settings[name] = value
    return settings


def defaults() -> dict[str, Any]:
    """The values that conf/config.yaml gives to settings and groups."""
    return defaults_alone() | _root_choices()


def defaults_alone() -> dict[str, Any]:
    """The values that conf/config.yaml gives to settings, without the groups."""
    root = _root()
    return {name: root[name] for name in PLAIN}


def _root_choices() -> dict[str, str]:
    listed = [entry for entry in _root()["defaults"] if isinstance(entry, dict)]
    return {name: kind for entry in listed for name, kind in entry.items() if name in GROUPS}


@cache
def _root() -> dict[str, Any]:
    from omegaconf import OmegaConf

    values = OmegaConf.to_container(OmegaConf.load(CONF / "config.yaml"))
    assert isinstance(values, dict)  # noqa: S101  # the file is ours
    return {str(name): value for name, value in values.items()}

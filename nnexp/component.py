"""What a replaceable part is: one dataclass, its settings declared once, found by its kind.

A group of parts is an abstract class in `base.py` of a folder (`Cost`, `Activation`, ...), a part a final class in a
file beside it. `kind` is its name in configurations and in saved files, where nothing else tells the classes apart.
A package of somebody else adds a part by an entry point in the group `nnexp.components` that names the class.
"""

from __future__ import annotations

import math
import re
from abc import ABC
from collections.abc import Callable, Collection, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from inspect import cleandoc, isabstract
from typing import Any, ClassVar, Self, get_type_hints

from nnexp.discovery import entry_points_of_others, load_beside
from nnexp.errors import UsageError

DECLARED = "nnexp"  # the key in a field's metadata
NO_VALUE = object()  # of `since`: every run has had this setting from the first version on


@dataclass(frozen=True)
class Rule:
    """What a setting may be: in words, or what gives them when they are asked for; as a test; as choices, if few."""

    expected: str | Callable[[], str]
    allows: Callable[[Any], bool]
    choices: tuple[str, ...] = ()

    def problems(self, name: str, value: Any) -> list[str]:
        """What is wrong with the value of a setting: nothing, or `eta: got 0, expected a number > 0`."""
        try:
            right = self.allows(value)
        except TypeError:  # of a value of another type, out of a saved file
            right = False
        return [] if right else [self.unexpected(name, value)]

    def unexpected(self, name: str, value: Any) -> str:
        """The message for a value that is not what it may be."""
        words = self.expected if isinstance(self.expected, str) else self.expected()
        return f"{name}: got {value!r}, expected {words}"


@dataclass(frozen=True)
class Setting:
    """What is declared of a setting at its field.

    help: what it means, in a sentence or two. rule: what it may be; None if its type says it all. counts: whether it
    can change a run's numbers, and so is part of its key. since: the value that leaves older runs, which did not have
    it yet, what they were. any_order: whether it is a list whose order means nothing.
    """

    help: str = ""
    rule: Rule | None = None
    counts: bool = True
    since: Any = NO_VALUE
    any_order: bool = False


def setting(
    default: Any = MISSING,
    *,
    help: str,  # noqa: A002  # what argparse and click call it
    rule: Rule | None = None,
    counts: bool = True,
    since: Any = NO_VALUE,
    any_order: bool = False,
) -> Any:
    """A dataclass's field that is a setting; see `Setting`. default: its value unless said; a list is copied."""
    metadata = {DECLARED: Setting(help, rule, counts, since, any_order)}
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


def declared(settings: Any) -> dict[str, Setting]:
    """The settings that a dataclass, or an object of one, declares, by name."""
    return {each.name: each.metadata[DECLARED] for each in fields(settings) if DECLARED in each.metadata}


def later_settings(settings: Any) -> dict[str, Any]:
    """Those that came later, by name, with the value that each had before there was it."""
    return {name: said.since for name, said in declared(settings).items() if said.since is not NO_VALUE}


def defaults_of(settings: type) -> dict[str, Any]:
    """The defaults of the settings that a dataclass declares, by name; of those that have one."""
    said = declared(settings)
    made = {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(settings)
        if each.name in said
    }
    return {name: value for name, value in made.items() if value is not MISSING}


def groups_of(settings: type) -> dict[str, type[Component]]:
    """The fields of a dataclass that are parts, and the base class of each one's group."""
    hints = get_type_hints(settings)
    types = {each.name: hints[each.name] for each in fields(settings)}
    return {name: each for name, each in types.items() if isinstance(each, type) and issubclass(each, Component)}


def problems_of(settings: Any, prefix: str = "") -> list[str]:
    """What is wrong with an object's declared settings, a line each: `eta: got 0, expected a number > 0`."""
    rules = ((name, said.rule) for name, said in declared(settings).items() if said.rule)
    return [each for name, rule in rules for each in rule.problems(f"{prefix}{name}", getattr(settings, name))]


def one_of(values: Collection[str]) -> Rule:
    """One of these words."""
    return Rule(" or ".join(values), lambda value: value in values, tuple(values))


def whole(least: int, most: int | None = None) -> Rule:
    """A whole number, from `least` on."""
    words = f"a whole number >= {least}" if most is None else f"a whole number from {least:,} to {most:,}"

    def allows(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= (most or math.inf)

    return Rule(words, allows)


def number(above: float = -math.inf, below: float = math.inf, least: float = -math.inf) -> Rule:
    """A finite number between these ends; `above` and `below` are no longer allowed, `least` is."""
    ends = [f"> {above:g}"] if above > -math.inf else [f">= {least:g}"] if least > -math.inf else []
    words = " and ".join([*ends, *([f"< {below:g}"] if below < math.inf else [])])
    return Rule(f"a number {words}".strip(), lambda value: above < value < below and value >= least)


def filled(expected: str) -> Rule:
    """A text that says something. expected: what, in words."""
    return Rule(expected, lambda text: bool(text.strip()))


def or_none(rule: Rule) -> Rule:
    """The same, or None: what that means, the setting's help says."""
    return Rule(rule.expected, lambda value: value is None or rule.allows(value), rule.choices)


@dataclass
class Component(ABC):
    """What every part has: its kind, a way to find it by that kind, and a check of its settings."""

    kind: str = ""
    group: ClassVar[str] = ""

    @classmethod
    def kinds(cls) -> dict[str, type[Self]]:
        """The parts of this group, by kind: ours, and those that other packages add."""
        load_beside(cls.__module__)
        _load_entry_points()
        found: dict[str, type[Self]] = {}
        for part in cls.__subclasses__():
            other = found.setdefault(part.kind, part)
            if other is not part:
                names = " and ".join(f"{each.__module__}.{each.__qualname__}" for each in (other, part))
                raise UsageError(f"{cls.group}: {names} are both called {part.kind!r}, expected a kind for each")
        return dict(sorted(found.items()))

    @classmethod
    def named(cls, kind: str, /, **settings: Any) -> Self:
        """The part of this group called `kind`, with these settings and its defaults for the others.

        Raises `ValueError`, naming what is wrong, for a kind that there is not, a setting that it has not, or a value
        that it does not take.
        """
        kinds = cls.kinds()
        if kind not in kinds:
            raise ValueError(f"{cls.group}: got {kind!r}, expected one of {', '.join(sorted(kinds))}")
        known = [each.name for each in kinds[kind].settings_fields()]
        if strange := [name for name in settings if name not in known]:
            raise ValueError(f"{cls.group}.{strange[0]}: {kind} has no such setting, expected {known or 'none'}")
        part = kinds[kind](**settings)
        if problems := part.problems():
            raise ValueError(problems[0])
        return part

    @classmethod
    def restored(cls, kind: str, /, settings: dict[str, Any]) -> Self:
        """The part that was saved so, with its settings; `ValueError`, as of `named`, if one is missing.

        A setting that there was not yet has the value that leaves the part what it was.
        """
        later = later_settings(cls.kinds()[kind]) if kind in cls.kinds() else {}
        part = cls.named(kind, **later | settings)
        if missing := [name for name in part.settings if name not in {**later, **settings}]:
            raise ValueError(f"{cls.group}.{missing[0]}: got nothing, expected the setting that {kind} had")
        return part

    @classmethod
    def settings_fields(cls) -> Iterator[Field[Any]]:
        """The fields that are its settings: all but its kind."""
        return (each for each in fields(cls) if each.name != "kind")

    @classmethod
    def help(cls) -> str:
        """The first sentence of its docstring: one line of what it is."""
        written = cls.__doc__ or ""
        if written.startswith(f"{cls.__name__}("):  # by `dataclass`, where nobody has written one
            return ""
        return " ".join(cleandoc(written).split("\n\n")[0].split()).partition(". ")[0].rstrip(".")

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings by name."""
        return {each.name: getattr(self, each.name) for each in self.settings_fields()}

    def problems(self) -> list[str]:
        """What is wrong with its settings, a line each: `data.path: got '', expected a file`."""
        return [*problems_of(self, f"{self.group}."), *self.conflicts()]

    def conflicts(self) -> list[str]:
        """What is wrong with settings that each could be right, a line each."""
        return []


@cache
def _load_entry_points() -> None:
    """Import the parts that other packages add; raises `UsageError` naming one that is none, or can't be imported."""
    for name, part in entry_points_of_others():
        if not (isinstance(part, type) and issubclass(part, Component) and part.group and part.kind):
            raise UsageError(f"{name}: is no part, expected a dataclass of one of nnexp's groups with a kind")
        if "group" not in vars(part.__base__):
            raise UsageError(f"{name}: is made from another part, expected a class below its group's own")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", part.kind):
            raise UsageError(f"{name}: its kind is {part.kind!r}, expected small letters, digits and _")
        if isabstract(part):
            lacking = ", ".join(sorted(part.__abstractmethods__))
            raise UsageError(f"{name}: lacks {lacking}, which a part of {part.group} has to have")

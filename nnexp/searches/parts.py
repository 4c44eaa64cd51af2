"""Which settings there are where: those of a choice only where that choice is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from nnexp.component import Component
from nnexp.config.composer import Composer
from nnexp.config.errors import all_problems
from nnexp.config.schema import GROUPS, Config, is_plain
from nnexp.errors import ConfigError


@dataclass(frozen=True)
class Parts:
    """The classes that may be chosen. kinds: by group and by choice; "" is what a group is where none is made."""

    kinds: Mapping[str, Mapping[str, type[Component]]]

    def choices(self, group: str) -> list[str]:
        """The choices of a group that a trial can make: `[""]` where it does not vary."""
        return [choice for choice in self.kinds.get(group, {}) if choice] or [""]

    def has(self, name: str, chosen: Mapping[str, str]) -> bool:
        """Whether there is a setting of this name where these choices are made."""
        group, _, below = name.partition(".")
        if not below or group not in self.kinds:
            return True
        part = self.kinds[group][chosen.get(group, "")]
        return below.partition(".")[0] in (each.name for each in part.settings_fields())

    def having(self, name: str) -> list[str]:
        """The choices that a trial can make which have a setting of this name; of a setting of no choice `[""]`."""
        group = name.partition(".")[0]
        return [choice for choice in self.choices(group) if self.has(name, {group: choice})]

    def annotations(self, name: str) -> list[Any]:
        """The types that a setting is declared with, once for each choice that has it; none if no choice is known."""
        group, _, below = name.partition(".")
        if not below:
            return [get_type_hints(Config)[name]]
        kinds = self.kinds.get(group, {})
        return [get_type_hints(kinds[choice])[below] for choice in self.having(name) if choice in kinds]


def kinds_of(group: str, choices: Sequence[str], fixed: Sequence[str], compose: Composer) -> dict[str, type[Component]]:
    """The class of each of these choices of a group, and by "" that without any of them.

    fixed: words of all jobs. Raises `ConfigError` with what is wrong with these, or with a choice.
    """
    known = GROUPS[group].kinds()
    usual = [word for word in fixed if not is_plain(word.partition("=")[0])]
    made = {"": usual} | {choice: [*usual, f"{group}={choice}"] for choice in choices if choice not in known}
    try:
        by_words = {choice: known[compose(words)[group].kind] for choice, words in made.items()}
    except Exception as error:  # Hydra lets Python's own pass
        problems = [problem for words in made.values() for problem in all_problems(words, compose)]
        if not problems:
            raise
        raise ConfigError(list(dict.fromkeys(problems))) from error
    return {choice: by_words.get(choice) or known[choice] for choice in ("", *choices)}

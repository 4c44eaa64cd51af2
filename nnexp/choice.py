"""A choice: one dataclass whose fields are its settings and whose methods are its behaviour.

A group of choices is an abstract class (`Cost`, `Activation`, ...), a choice a final class below it.
`kind` is its name in configurations and in saved files, where nothing else tells the classes apart.
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import Self


@dataclass
class Choice(ABC):
    """What every choice has: its name, a way to find it by that name, and a check of its settings."""

    kind: str = ""

    @classmethod
    def kinds(cls) -> dict[str, type[Self]]:
        """The choices of this group, by name."""
        return {choice.kind: choice for choice in cls.__subclasses__()}

    @classmethod
    def named(cls, kind: str) -> Self:
        """The choice of this group called `kind`, with its default settings.

        Raises `KeyError`, naming the group and what it has, if there is none.
        """
        try:
            return cls.kinds()[kind]()
        except KeyError:
            expected = ", ".join(sorted(cls.kinds()))
            raise KeyError(f"{cls.__name__.lower()}: got {kind!r}, expected one of {expected}") from None

    def problems(self) -> list[str]:
        """What is wrong with the settings, a line each: `path: got '', expected a file`."""
        return []

"""No search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnexp.study.samplers.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


@dataclass
class NoSearch(Sampler):
    """A sweep is what the command line lists, every combination of it."""

    kind: str = "none"

    @property
    def searches(self) -> bool:
        return False

    def optuna(self, number: int, values: Mapping[str, Sequence[Any]]) -> BaseSampler:
        raise NotImplementedError("nothing is chosen")

    def conflicts(self) -> list[str]:
        default = NoSearch()
        return [
            f"search.{name}: got {value!r} without a search, expected search=tpe or another with it"
            for name, value in self.settings.items()
            if value != getattr(default, name)
        ]

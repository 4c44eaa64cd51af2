"""What is to be reached: a bound, and whether a measured number keeps it."""

from __future__ import annotations

import operator
from dataclasses import dataclass


@dataclass(frozen=True)
class Aim:
    """At most, `<=`, or at least, `>=`, this number."""

    relation: str
    bound: float

    def __str__(self) -> str:
        return f"{self.relation} {self.bound:g}"

    def verdict(self, number: float) -> str:
        """`ok` or `MISSED`."""
        return "ok" if {"<=": operator.le, ">=": operator.ge}[self.relation](number, self.bound) else "MISSED"

    def beside(self, number: float) -> str:
        """What stands behind the number: `(aim <= 2.5: ok)`."""
        return f"(aim {self}: {self.verdict(number)})"

"""What a check has found: that something is well, or what is wrong and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnexp.tracking.run_store import RunStore
from nnexp.tracking.trial import Trial


@dataclass(frozen=True)
class Finding:
    """check: what was looked at, in a word. said: what was found. cure: what to do; empty if all is well."""

    check: str
    said: str
    cure: str = ""

    @property
    def line(self) -> str:
        """All of it in a line."""
        return f"{self.check:<11} {f'{self.said}; {self.cure}' if self.cure else f'ok, {self.said}'}"


@dataclass(frozen=True)
class Examined:
    """What is examined. trial: of the store, which is open. here: the folder of the command."""

    store: RunStore
    trial: Trial
    here: Path

"""What a choice of `tracking` says: which run store there is, if any."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnexp.component import Component

if TYPE_CHECKING:
    from nnexp.tracking.run_store import RunStore

EXPERIMENT = "nnexp"  # what runs are filed under, unless another name is given


@dataclass
class Tracking(Component):
    """Where runs are remembered."""

    group = "tracking"

    @abstractmethod
    def open(self, make: bool = True) -> RunStore | None:
        """The run store, made if it is not there and `make` says so; None if runs are not to be remembered.

        Raises `TrackingError` if it does not open.
        """

    def forget_empty(self) -> None:
        """Take away the store that `open` has made, if nothing has come into it."""

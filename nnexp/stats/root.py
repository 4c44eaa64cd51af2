"""Where a function of one number crosses zero."""

from __future__ import annotations

from collections.abc import Callable


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """The x between these ends at which the function changes its sign, by halving, to the last bit.

    scipy.optimize would take longer to be imported than all that is computed by this.
    """
    rises = function(high) > 0
    while low < (middle := (low + high) / 2) < high:
        if (function(middle) > 0) is rises:
            high = middle
        else:
            low = middle
    return high

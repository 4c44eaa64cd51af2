"""Colour maps: those of matplotlib."""

from __future__ import annotations

import numpy as np
import pytest

from nnexp.plots.colour_maps import STOPS, colour_map


@pytest.mark.parametrize("name", STOPS)
@pytest.mark.parametrize("colours", [11, 239, 256])
def test_colours_are_those_of_matplotlib(name: str, colours: int) -> None:
    from matplotlib import colormaps

    theirs = 255 * colormaps[name].resampled(colours)(np.arange(colours))[:, :3]
    np.testing.assert_allclose(colour_map(name, colours), theirs, atol=0.5 + 1e-9)

"""Colour maps, the same as matplotlib's of these names, which would take half a second to import.

Source: Cynthia Brewer, Mark Harrower and The Pennsylvania State University, https://colorbrewer2.org.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from nnexp.nn.arrays import Array

GREY, ORANGES, BLUE_TO_RED = "gray", "Oranges", "RdBu_r"
STOPS = {
    GREY: "000000 FFFFFF",
    ORANGES: "FFF5EB FEE6CE FDD0A2 FDAE6B FD8D3C F16913 D94801 A63603 7F2704",
    BLUE_TO_RED: "053061 2166AC 4393C3 92C5DE D1E5F0 F7F7F7 FDDBC7 F4A582 D6604D B2182B 67001F",
}


@cache
def colour_map(name: str, colours: int) -> Array:
    """`(colours, 3)` of uint8: red, green and blue from the map's one end to the other."""
    stops = np.array([list(bytes.fromhex(stop)) for stop in STOPS[name].split()])
    places, ends = np.linspace(0, 1, colours), np.linspace(0, 1, len(stops))
    return np.stack([np.rint(np.interp(places, ends, channel)) for channel in stops.T], axis=1).astype(np.uint8)

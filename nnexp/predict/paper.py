"""Telling ink from the sheet that it is on, also where the sheet is lit unevenly."""

from __future__ import annotations

import numpy as np

from nnexp.errors import DataError
from nnexp.nn.arrays import Array

LARGEST_SIDE = 1000  # pixels; a larger sheet is scaled down to about that first
FRAME = 25  # the frame of a sheet is one part in so many of its shorter side
EVEN = 1 / 255  # a sheet whose frame strays less than this from its median has one level
SAMPLES = 48  # of an uneven sheet's levels, along each axis
REWEIGHTED = 4  # times, for the plane and for the surface
BIWEIGHT = 4.685  # standard deviations beyond which a level is no paper; Mosteller and Tukey 1977
STANDARD_DEVIATION = 1.4826  # of a normal distribution, in median absolute deviations
FAINT = 0.2  # ink weaker than this share of the strongest is noise, or the soft edge of a stroke
LEAST_CONTRAST = 0.05  # of the range from black to white; less is an empty sheet


class Blank(DataError):
    """An image without ink."""


def ink_of(grey: Array) -> Array:
    """How far each pixel is from the paper, towards the ink: at most 1, float32; below 0 it strays the other way.

    Of a sheet that is larger than `LARGEST_SIDE`, a smaller copy.

    grey: uint8 from 0 to 255, or floats from 0 to 1. Ink is on the side of the paper on which there is more of what
    stands out. Raises `Blank`, or `DataError` for floats outside 0 to 1.
    """
    levels = grey / np.float32(255) if grey.dtype == np.uint8 else grey
    if levels.min() < 0 or levels.max() > 1:
        raise DataError(f"has values from {levels.min():g} to {levels.max():g}, expected uint8, or floats from 0 to 1")
    levels = _of_sensible_size(levels.astype(np.float32))
    away = levels - paper_of(levels)
    lightest, darkest = away.max(), -away.min()
    faint = np.float32(FAINT) * max(lightest, darkest)
    light = away[away > faint].sum() if lightest > faint else 0
    dark = -away[away < -faint].sum() if darkest > faint else 0
    ink: Array = away if light >= dark else -away
    if ink.max() < LEAST_CONTRAST:
        raise Blank("is blank, expected something drawn or written")
    return ink


def _of_sensible_size(levels: Array) -> Array:
    """The levels themselves, or means of squares of them."""
    from PIL.Image import fromarray

    factor = -(-max(levels.shape) // LARGEST_SIDE)
    return np.asarray(fromarray(levels).reduce(factor)) if factor > 1 else levels


def grain_of(ink: Array) -> float:
    """The standard deviation of the paper, judged by the side on which there is no ink; 0 for an even sheet."""
    below = ink[ink < 0]
    return STANDARD_DEVIATION * float(np.median(-below)) if below.size else 0.0


def paper_of(levels: Array) -> Array:
    """The paper's level at each pixel, as far as it can be seen: one number for an even sheet, else a surface.

    A sheet is judged by its frame, which is mostly paper: its median, or a plane if the frame is not even. From the
    plane, a surface of second degree is fitted to the whole sheet. Both by least squares, reweighted by Tukey's
    biweight so that ink, specks and lines have no say.
    """
    height, width = levels.shape
    edge = max(1, min(height, width) // FRAME)
    frame = np.ones((height, width), bool)
    frame[edge : height - edge, edge : width - edge] = False
    median = np.median(levels[frame])
    if np.median(np.abs(levels[frame] - median)) < EVEN:
        return np.asarray(median, np.float32)
    every = slice(None, None, max(1, height // SAMPLES)), slice(None, None, max(1, width // SAMPLES))
    y, x = (np.linspace(-1, 1, length) for length in (height, width))
    sampled, of_frame = levels[every].ravel().astype(float), frame[every].ravel()
    terms = np.stack([term.ravel() for term in _terms(y[every[0]], x[every[1]])])
    plane = _fitted(terms[:3, of_frame], sampled[of_frame], np.array([median, 0, 0]))
    surface = _fitted(terms, sampled, np.concatenate([plane, np.zeros(3)]))
    return np.tensordot(surface, _terms(y, x), 1).astype(np.float32)


def _terms(y: Array, x: Array) -> list[Array]:
    """The monomials up to the second degree, those of a plane first: each `(len(y), len(x))`."""
    down, right = np.meshgrid(y, x, indexing="ij")
    return [np.ones_like(down), down, right, down * right, down**2, right**2]


def _fitted(terms: Array, levels: Array, coefficients: Array) -> Array:
    """The coefficients `(n,)` of `terms` `(n, pixels)` that fit most of the levels, from first guesses on."""
    for _ in range(REWEIGHTED):
        residuals = levels - coefficients @ terms
        limit = BIWEIGHT * (STANDARD_DEVIATION * np.median(np.abs(residuals)) + EVEN)
        weighted = terms * np.maximum(0, 1 - (residuals / limit) ** 2) ** 2
        coefficients = np.linalg.lstsq(weighted @ terms.T, weighted @ levels, rcond=None)[0]
    return coefficients

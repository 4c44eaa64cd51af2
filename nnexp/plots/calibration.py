"""How far a network's outputs can be read as probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.nn.arrays import Array

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Examples in ten equal bins of confidence: the first holds those of 0 to 0.1, an edge belongs to the bin below it.

    counts, confidence, accuracy: (10,); how many examples a bin has, their mean confidence, and the share that is
    right; NaN where there are none. error: the expected calibration error, the mean over examples of the distance
    between a bin's confidence and its accuracy (0 to 1).

    Source: Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015; Guo,
    Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, 2017, equations 2 and 3.
    """

    counts: Array
    confidence: Array
    accuracy: Array

    @property
    def error(self) -> float:
        some = self.counts > 0
        distance = np.abs(self.accuracy - self.confidence)
        return float((self.counts * distance)[some].sum() / self.counts.sum())


def calibration(labels: Array, outputs: Array) -> Calibration:
    """The calibration of outputs `(n, classes)` against labels `(n,)`.

    Confidence is the highest output, as it is: output units are sigmoids, each says how sure it is of its class alone.
    """
    predicted, confidence = outputs.argmax(axis=1), outputs.max(axis=1)
    bins = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    counts, sure, right = (
        np.bincount(bins, weights, BINS) for weights in (None, confidence.astype(np.float64), predicted == labels)
    )
    with np.errstate(invalid="ignore"):  # of an empty bin nothing is known
        return Calibration(counts, sure / counts, right / counts)

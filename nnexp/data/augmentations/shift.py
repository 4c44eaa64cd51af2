"""Images moved by a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnexp.component import setting, whole
from nnexp.data.augmentations.base import Augmentation
from nnexp.nn.arrays import Array

MOVES = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))  # down and right


@dataclass
class Shift(Augmentation):
    """Each image stays, or moves up, down, left or right, one of the five by chance; what comes in is 0.

    The five images that the book's `expand_mnist.py` makes of each; an epoch here sees one of them, five epochs about
    as much as one epoch there. Source: Nielsen, chapter 3, "Other techniques for regularization".
    """

    kind: str = "shift"
    pixels: int = setting(1, help="how far an image moves", rule=whole(1, 1000))

    def misfits(self, height: int, width: int) -> list[str]:
        if self.pixels < (side := min(height, width)):
            return []
        return [f"augment.pixels: got {self.pixels}, expected fewer than {side}, or nothing is left of an image"]

    def draws(self, height: int, width: int) -> int:
        return 1

    def changed(self, images: Array, drawn: Array) -> Array:
        chosen = (drawn[:, 0] * len(MOVES)).astype(int)
        moved = np.zeros_like(images)
        for move, (down, right) in enumerate(MOVES):
            (to_rows, from_rows), (to_columns, from_columns) = _spans(down * self.pixels), _spans(right * self.pixels)
            picked = np.flatnonzero(chosen == move)
            moved[picked, to_rows, to_columns] = images[picked, from_rows, from_columns]
        return moved


def _spans(by: int) -> tuple[slice, slice]:
    """Where along an axis what moves by so many pixels comes to, and from."""
    ahead, behind = slice(abs(by), None), slice(None, -abs(by) or None)
    return (ahead, behind) if by > 0 else (behind, ahead)

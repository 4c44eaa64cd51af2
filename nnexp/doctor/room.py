"""Checks of the places that a run writes to: whether they may be written, and how much is free there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from nnexp.doctor.finding import Finding

LITTLE = 2**30  # bytes


def check_disk(
    places: list[Path], free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free
) -> Iterator[Finding]:
    """Whether a gigabyte is free where runs write."""
    left = {place: free(place) for place in places}
    for place, size in left.items():
        if size < LITTLE:
            yield Finding(
                "disk", f"{size / 2**20:,.0f} MB are free in {place}", "make room: `nnexp clean`, `mlflow gc`"
            )
    if all(size >= LITTLE for size in left.values()):
        yield Finding("disk", f"{min(left.values()) / 2**30:,.1f} GB are free")


def check_permissions(
    places: list[Path], may: Callable[[Path], bool] = lambda place: os.access(place, os.W_OK)
) -> Iterator[Finding]:
    """Whether this user may write there."""
    refused = [place for place in places if not may(place)]
    for place in refused:
        yield Finding("permissions", f"{place} may not be written", "let its owner give you that right, or use another")
    if not refused:
        yield Finding("permissions", "what runs write to may be written")


def places_of(address: str, here: Path) -> list[Path]:
    """Where runs write on this machine. address: of the store."""
    file = Path(address.removeprefix("sqlite:///")) if address.startswith("sqlite:///") else Path(address)
    stored = [place for place in (file, file.parent) if "://" not in address or address.startswith("sqlite:///")]
    return [place for place in dict.fromkeys([*stored, here, Path(tempfile.gettempdir())]) if place.exists()]

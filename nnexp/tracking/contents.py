"""A whole run on its way into another store, beside what `StoredRun` tells: the points of its curves, its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Point:
    """A value of a metric. time: unix time in milliseconds at which it was measured, as far as the store knows."""

    metric: str
    step: int
    value: float
    time: int


@dataclass(frozen=True)
class StoredFile:
    """A file of a run. place: its path in the store that has it, as `RunStore.artifact` takes it. size: in bytes."""

    place: str
    size: int


@dataclass(frozen=True)
class Contents:
    """The points of a run's curves, and its files by the path that they have in every store."""

    points: Sequence[Point]
    files: Mapping[str, StoredFile]

    def points_beside(self, known: Iterable[Point]) -> list[Point]:
        """Those that a copy with the known ones lacks: a metric has one value in an epoch."""
        there = {(point.metric, point.step) for point in known}
        return [point for point in self.points if (point.metric, point.step) not in there]

    def files_beside(self, known: Mapping[str, StoredFile]) -> dict[str, StoredFile]:
        """Those that a copy of the same state of the run lacks: its file of a path and a size is that file."""
        return {path: file for path, file in self.files.items() if path not in known or known[path].size != file.size}


def plain(paths: Iterable[str], reserved: Collection[str]) -> Iterator[str]:
    """The paths that stay within a folder and are not one of the reserved names: a server may name any."""
    for path in paths:
        parts = PurePosixPath(path).parts
        odd = not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path
        if not odd and reserved_not_in(parts, reserved):
            yield path


def reserved_not_in(parts: Sequence[str], reserved: Collection[str]) -> bool:
    """Whether the path is neither a reserved name on top nor has one that begins with a dot."""
    return parts[0] not in reserved and not any(part.startswith(".") for part in parts)

"""Reading data once for several runs."""

from __future__ import annotations

from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source

_planned: dict[str, Dataset] = {}


def read_for_all(sources: list[Source]) -> dict[str, Dataset]:
    """Each data set that a sweep uses, read once; by its source as text.

    Workers that are forked from this process share its memory, and have them without reading.
    """
    _planned.clear()
    _planned.update({repr(source): source.load() for source in {repr(each): each for each in sources}.values()})
    return dict(_planned)


class LastLoaded:
    """Loads data sets and keeps the last one, as it was read, for the next run that asks for the same source."""

    def __init__(self) -> None:
        self._source = ""
        self._dataset: Dataset | None = None

    def __call__(self, source: Source) -> Dataset:
        name = repr(source)
        if self._dataset is None or name != self._source:
            self._dataset = None  # never two of them in memory
            self._dataset, self._source = _planned.get(name) or source.load(), name
        return self._dataset

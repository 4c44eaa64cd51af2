"""Reading data once for several runs."""

from __future__ import annotations

from nnexp.data.dataset import Dataset
from nnexp.data.sources.base import Source


class LastLoaded:
    """Loads data sets and keeps the last one, as it was read, for the next run that asks for the same source."""

    def __init__(self) -> None:
        self._source = ""
        self._dataset: Dataset | None = None

    def __call__(self, source: Source) -> Dataset:
        if self._dataset is None or repr(source) != self._source:
            self._dataset = None  # never two of them in memory
            self._dataset, self._source = source.load(), repr(source)
        return self._dataset

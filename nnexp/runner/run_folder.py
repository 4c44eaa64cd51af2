"""The folder of a run under outputs/: its configuration, weights, pictures, or the traceback of its failure."""

from __future__ import annotations

import json
import traceback
from dataclasses import asdict
from pathlib import Path

from nnexp.errors import redacted
from nnexp.nn import weights_file
from nnexp.plots.pictures import FIGURES, write_pictures
from nnexp.printable import visible_lines
from nnexp.runtime.owned_files import LOG, write
from nnexp.train.best import Best
from nnexp.train.by_class import class_table
from nnexp.train.events import Ended, Event, Started
from nnexp.train.history import History
from nnexp.train.snapshots import Snapshots

RESULTS = "epochs.json"  # is there if a run has ended, well or not
CLASSES = "classes.csv"
FILES = ("config.yaml", RESULTS, "weights.npz", "best_weights.npz", CLASSES, "traceback.txt", FIGURES, LOG)


class RunFolder:
    """A listener that writes what a run leaves; a tracker can then copy it as it is.

    config.yaml at the start. At the end epochs.json; weights.npz, best_weights.npz, classes.csv (accuracy on the test
    examples of each class), figures/*.png and, of what is seen over time, images/NAME/EPOCH.png if it has finished,
    or traceback.txt if it failed.

    snapshots: what pictures need beside history and network; None: there are to be no pictures.
    """

    def __init__(self, path: Path, config_yaml: str, history: History, best: Best, snapshots: Snapshots | None) -> None:
        self._path = path
        self._config_yaml = config_yaml
        self._history = history
        self._best = best
        self._snapshots = snapshots

    def __call__(self, event: Event) -> None:
        match event:
            case Started():
                self._started = event
                self._path.mkdir(parents=True, exist_ok=True)
                write(self._path / "config.yaml", self._config_yaml)
            case Ended(status=status, error=error):
                epochs = [asdict(epoch) for epoch in self._history.epochs]
                write(self._path / RESULTS, json.dumps(epochs, indent=1))
                if status == "FINISHED":
                    self._write_results()
                if status == "FAILED" and error:
                    text = "".join(traceback.format_exception(error))
                    write(self._path / "traceback.txt", visible_lines(redacted(text)))

    def _write_results(self) -> None:
        network, dataset = self._started.network, self._started.dataset
        weights_file.save(network, self._path / "weights.npz")
        weights_file.write(self._path / "best_weights.npz", weights_file.description(network) | self._best.arrays)
        write(self._path / CLASSES, class_table(dataset.test.labels, self._started.final_outputs))
        if self._snapshots is not None:
            write_pictures(self._path, self._started, self._history, self._snapshots)

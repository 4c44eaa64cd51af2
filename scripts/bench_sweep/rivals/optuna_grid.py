"""A grid as users of Optuna write it: `GridSampler`, a journal that worker processes share, `MLflowCallback`.

The command: `python optuna_grid.py sqlite:////folder/mlflow.db 16 5`.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import sched_getaffinity
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib
import mlflow
import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna_integration.mlflow import MLflowCallback

from nnexp.data.sources.mnist import Mnist
from nnexp.nn.network import Network
from nnexp.train.trainer import epoch_order

matplotlib.use("agg")
STUDY, JOURNAL = "rival", "journal.log"


def work(uri: str, jobs: int, epochs: int, share: int) -> None:
    """What each process does: so many of the study's trials, each with a seed that nobody has yet."""
    callback = MLflowCallback(tracking_uri=uri, metric_name="best_validation_accuracy")

    @callback.track_in_mlflow()  # type: ignore[untyped-decorator,unused-ignore]  # an extra
    def objective(trial: optuna.Trial) -> float:
        return train(trial.suggest_int("seed", 0, jobs - 1), epochs)

    study = optuna.load_study(study_name=STUDY, storage=_storage(), sampler=_sampler(jobs))
    study.optimize(objective, share, callbacks=[callback])


def train(seed: int, epochs: int) -> float:
    """Train one network in the run that is open; gives its validation accuracy."""
    import matplotlib.pyplot as plt

    mnist, network = Mnist().load(), Network([784, 30, 10], rng=[seed, 0])
    curve: list[float] = []
    for epoch in range(1, epochs + 1):
        order = epoch_order(seed, epoch, len(mnist.train))
        mlflow.log_metric("train_cost", network.train_epoch(mnist.train, order, 10, 3.0), epoch)
        curve.append(network.evaluate(mnist.validation) / len(mnist.validation))
        mlflow.log_metric("validation_accuracy", curve[-1], epoch)
        mlflow.log_metric("test_accuracy", network.evaluate(mnist.test) / len(mnist.test), epoch)
    figure, axes = plt.subplots()
    axes.plot(range(1, epochs + 1), curve)
    axes.set(xlabel="epoch", ylabel="validation accuracy")
    mlflow.log_figure(figure, "learning_curve.png")
    plt.close(figure)
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.npz"
        np.savez(weights, *network.weights, *network.biases)
        mlflow.log_artifact(str(weights))
    return curve[-1]


def _storage() -> JournalStorage:
    return JournalStorage(JournalFileBackend(JOURNAL))


def _sampler(jobs: int) -> optuna.samplers.GridSampler:
    return optuna.samplers.GridSampler({"seed": list(range(jobs))}, seed=0)


def main(uri: str, jobs: int, epochs: int) -> None:
    """Make the study, and let as many processes work on it as there are cores."""
    optuna.create_study(study_name=STUDY, storage=_storage(), sampler=_sampler(jobs), direction="maximize")
    processes = len(sched_getaffinity(0))
    shares = [len(range(jobs)[first::processes]) for first in range(processes)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(work, uri, jobs, epochs, share) for share in shares]:
            done.result()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

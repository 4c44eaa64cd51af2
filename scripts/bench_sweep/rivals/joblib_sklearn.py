"""A sweep as users of scikit-learn write it: joblib over `MLPClassifier`, each epoch a `partial_fit` told to MLflow.

The command: `python joblib_sklearn.py sqlite:////folder/mlflow.db 16 5`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib
import mlflow
import numpy as np
from joblib import Parallel, delayed
from sklearn.neural_network import MLPClassifier

from nnexp.data.sources.mnist import Mnist

matplotlib.use("agg")


def train(uri: str, seed: int, epochs: int) -> None:
    """Train one classifier, as a run of MLflow's."""
    import matplotlib.pyplot as plt

    mnist = Mnist().load()
    train, validation, test = (
        (part.x * np.float32(part.scale), part.labels) for part in (mnist.train, mnist.validation, mnist.test)
    )
    net = MLPClassifier(
        [30], activation="logistic", solver="sgd", alpha=0, batch_size=10, learning_rate_init=0.3, momentum=0,
        random_state=seed,
    )  # fmt: skip
    curve: list[float] = []
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("rival")
    with mlflow.start_run(run_name=f"seed={seed}"), TemporaryDirectory() as folder:
        mlflow.log_params({"seed": seed, "epochs": epochs, "eta": 0.3})
        for epoch in range(1, epochs + 1):
            net.partial_fit(*train, classes=range(10))
            curve.append(net.score(*validation))
            mlflow.log_metric("train_cost", net.loss_, epoch)
            mlflow.log_metric("validation_accuracy", curve[-1], epoch)
            mlflow.log_metric("test_accuracy", net.score(*test), epoch)
        figure, axes = plt.subplots()
        axes.plot(range(1, epochs + 1), curve)
        axes.set(xlabel="epoch", ylabel="validation accuracy")
        mlflow.log_figure(figure, "learning_curve.png")
        plt.close(figure)
        weights = Path(folder) / "weights.npz"
        np.savez(weights, *net.coefs_, *net.intercepts_)
        mlflow.log_artifact(str(weights))


def main(uri: str, jobs: int, epochs: int) -> None:
    """A job for each seed, as many at once as there are cores."""
    Parallel(n_jobs=-1)(delayed(train)(uri, seed, epochs) for seed in range(jobs))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

"""A sweep as users of Hydra and MLflow write it: `@hydra.main`, the joblib launcher, MLflow's fluent functions.

The command: `python hydra_joblib.py -m 'seed=range(0,16)'`.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import hydra
import matplotlib
import mlflow
import numpy as np
from omegaconf import DictConfig

from nnexp.data.sources.mnist import Mnist
from nnexp.nn.network import Network
from nnexp.train.trainer import epoch_order

matplotlib.use("agg")


@hydra.main(config_path=".", config_name="hydra_joblib", version_base="1.3")
def main(cfg: DictConfig) -> float:
    """Train one network; gives its validation accuracy."""
    import matplotlib.pyplot as plt

    mnist, network = Mnist().load(), Network(cfg.sizes, rng=[cfg.seed, 0])
    curve: list[float] = []
    mlflow.set_tracking_uri(cfg.uri)
    mlflow.set_experiment("rival")
    with mlflow.start_run(run_name=f"seed={cfg.seed}"), TemporaryDirectory() as folder:
        mlflow.log_params(dict(cfg))
        for epoch in range(1, cfg.epochs + 1):
            order = epoch_order(cfg.seed, epoch, len(mnist.train))
            cost = network.train_epoch(mnist.train, order, cfg.mini_batch_size, cfg.eta)
            mlflow.log_metric("train_cost", cost, epoch)
            curve.append(network.evaluate(mnist.validation) / len(mnist.validation))
            mlflow.log_metric("validation_accuracy", curve[-1], epoch)
            mlflow.log_metric("test_accuracy", network.evaluate(mnist.test) / len(mnist.test), epoch)
        figure, axes = plt.subplots()
        axes.plot(range(1, cfg.epochs + 1), curve)
        axes.set(xlabel="epoch", ylabel="validation accuracy")
        mlflow.log_figure(figure, "learning_curve.png")
        plt.close(figure)
        weights = Path(folder) / "weights.npz"
        np.savez(weights, *network.weights, *network.biases)
        mlflow.log_artifact(str(weights))
    return curve[-1]


if __name__ == "__main__":
    main()

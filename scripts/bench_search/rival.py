"""Optuna as its users write it: one loop over trials, with our network as what is trained."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from bench_search.paid import Step, epochs_of, steps
from bench_search.task import BUDGET, EPOCHS, HIDDEN, METHODS

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

    from nnexp.data.dataset import Dataset


def optuna_alone(method: str, repetition: int) -> list[Step]:
    """The steps of a study in memory, in one process."""
    import optuna

    from nnexp.data.sources.mnist import Mnist
    from nnexp.study.pruners import PRUNERS

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler, prune = METHODS[method]
    make = {"tpe": partial(optuna.samplers.TPESampler), "random": partial(optuna.samplers.RandomSampler)}[sampler]
    study = optuna.create_study(direction="maximize", sampler=make(seed=repetition), pruner=PRUNERS[prune](EPOCHS))
    study.optimize(partial(_objective, Mnist().load()), callbacks=[_until_the_budget_is_paid])
    return steps(study)


def _until_the_budget_is_paid(study: Study, trial: FrozenTrial) -> None:
    if epochs_of(study) >= BUDGET:
        study.stop()


def _objective(mnist: Dataset, trial: Trial) -> float:
    from optuna.exceptions import TrialPruned

    from nnexp.nn.network import Network
    from nnexp.train.trainer import epoch_order

    eta = trial.suggest_float("eta", 0.1, 10, log=True)
    size = trial.suggest_int("mini_batch_size", 5, 100, log=True)
    sizes = trial.suggest_categorical("sizes", [f"[784,{units},10]" for units in HIDDEN])
    network, best = Network(json.loads(sizes), rng=[0, 0]), 0.0
    for epoch in range(1, EPOCHS + 1):
        network.train_epoch(mnist.train, epoch_order(0, epoch, len(mnist.train)), size, eta)
        value = network.evaluate(mnist.validation) / len(mnist.validation)
        best = max(best, value)
        trial.report(value, epoch)
        if trial.should_prune():
            raise TrialPruned
    return best

"""Optuna as its users write it: one loop over trials, with our network as what is trained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench_search.objective import accuracies
from bench_search.paid import Step, epochs_of, steps
from bench_search.task import BUDGET, EPOCHS, HIDDEN, METHODS

if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial


def optuna_alone(method: str, repetition: int) -> list[Step]:
    """The steps of a study in memory, in one process."""
    import optuna

    from nnexp.study.pruners import PRUNERS

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler, prune = METHODS[method]
    make = {"tpe": partial(optuna.samplers.TPESampler), "random": partial(optuna.samplers.RandomSampler)}[sampler]
    study = optuna.create_study(direction="maximize", sampler=make(seed=repetition), pruner=PRUNERS[prune](EPOCHS))
    study.optimize(_objective, callbacks=[_until_the_budget_is_paid])
    return steps(study)


def _until_the_budget_is_paid(study: Study, trial: FrozenTrial) -> None:
    if epochs_of(study) >= BUDGET:
        study.stop()


def _objective(trial: Trial) -> float:
    from optuna.exceptions import TrialPruned

    eta = trial.suggest_float("eta", 0.1, 10, log=True)
    size = trial.suggest_int("mini_batch_size", 5, 100, log=True)
    sizes = trial.suggest_categorical("sizes", [f"[784,{units},10]" for units in HIDDEN])
    best = 0.0
    for epoch, accuracy in enumerate(accuracies(eta, size, sizes), 1):
        best = max(best, accuracy)
        trial.report(accuracy, epoch)
        if trial.should_prune():
            raise TrialPruned
    return best

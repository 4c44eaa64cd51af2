"""Ray Tune as its users write it, with the same sampler and schedulers of its own; a process of its own for each study.

Ray listens on all of a machine's addresses, without a password: run this where nobody else comes, in a network
namespace of its own for instance (`unshare --net`, and its loopback set up).
"""

from __future__ import annotations

from typing import Any

from bench_search.paid import Step
from bench_search.task import BUDGET, EPOCHS, HIDDEN, METHODS


def ray_tune(method: str, repetition: int) -> list[Step]:
    """The steps of a study on as many cores as there are, until the budget is paid."""
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler, AsyncHyperBandScheduler, FIFOScheduler
    from ray.tune.search.basic_variant import BasicVariantGenerator
    from ray.tune.search.optuna import OptunaSearch

    sampler, prune = METHODS[method]
    by = {"metric": "accuracy", "mode": "max"}
    schedulers: dict[str, Any] = {
        "none": FIFOScheduler,
        "asha": lambda: ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=3),
        "hyperband": lambda: AsyncHyperBandScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=3, brackets=3),
    }
    paid = _Paid()
    search = OptunaSearch(seed=repetition, **by) if sampler == "tpe" else BasicVariantGenerator(random_state=repetition)
    tune.run(
        _trainable,
        config={
            "eta": tune.loguniform(0.1, 10),
            "mini_batch_size": tune.qlograndint(5, 100, 1),
            "sizes": tune.choice([f"[784,{units},10]" for units in HIDDEN]),
        },
        num_samples=BUDGET,
        search_alg=search,
        scheduler=schedulers[prune](),
        stop=paid,
        resources_per_trial={"cpu": 1},
        verbose=0,
        **by,
    )
    return paid.steps


def _trainable(config: dict[str, Any]) -> None:
    from ray import tune

    from bench_search.objective import accuracies

    for accuracy in accuracies(**config):
        tune.report({"accuracy": accuracy})


class _Paid:
    """Counts epochs as they are reported, and ends the study when the budget is paid."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._reached: dict[str, float] = {}

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        reached = self._reached[trial_id] = max(self._reached.get(trial_id, 0.0), result["accuracy"])
        before = self.steps[-1] if self.steps else Step(0, 0.0, {})
        better = result["training_iteration"] == EPOCHS and reached > before.best
        best, params = (reached, result["config"]) if better else (before.best, before.params)
        self.steps.append(Step(before.epochs + 1, best, params))
        return before.epochs + 1 >= BUDGET

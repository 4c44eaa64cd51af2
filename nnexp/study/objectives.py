"""What a search can look for: results of a run, and whether more or less of each is better."""

from __future__ import annotations

from nnexp.component import Rule

VALIDATION = "validation_accuracy"  # in the best epoch by validation
DIRECTIONS = {  # a run's results as names of objectives, and Optuna's word for what is better
    VALIDATION: "maximize",
    "train_seconds": "minimize",
    "epochs": "minimize",
    "parameters": "minimize",
}

OBJECTIVES = Rule(
    f"a list of any of {', '.join(DIRECTIONS)}, each once: [{VALIDATION}]",
    lambda names: bool(names) and set(names) <= DIRECTIONS.keys() and len(set(names)) == len(names),
)

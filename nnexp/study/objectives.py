"""What a search can look for: results of a run, and whether more or less of each is better."""

from __future__ import annotations

from nnexp.component import Rule

VALIDATION = "validation_accuracy"  # in the best epoch by validation
SECONDS = "train_seconds"
PARAMETERS = "parameters"  # weights and biases
DIRECTIONS = {VALIDATION: "maximize", SECONDS: "minimize", PARAMETERS: "minimize"}  # in Optuna's words

OBJECTIVES = Rule(
    f"a list of any of {', '.join(DIRECTIONS)}, each once: [{VALIDATION}]",
    lambda names: bool(names) and set(names) <= DIRECTIONS.keys() and len(set(names)) == len(names),
)


def dominates(one: tuple[float, ...], other: tuple[float, ...], objectives: list[str]) -> bool:
    """Whether the first is as good in each objective, and better in one."""
    signs = [1 if DIRECTIONS[name] == "maximize" else -1 for name in objectives]
    gains = [sign * (a - b) for sign, a, b in zip(signs, one, other, strict=True)]
    return min(gains) >= 0 and max(gains) > 0

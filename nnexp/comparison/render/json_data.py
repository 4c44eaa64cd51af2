"""A comparison as data, for programs."""

from __future__ import annotations

from typing import Any

from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.sentences import headline
from nnexp.comparison.render.text import columns


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """All that a comparison says, for programs; accuracies are shares, from 0 to 1."""
    shown = columns(comparison)
    return {
        "title": comparison.title,
        "over": list(comparison.over),
        "chosen_by": "best validation accuracy, then the earlier epoch, the smaller network, the smaller settings",
        "reported": "test accuracy in the epoch with the best validation accuracy",
        "groups": [
            {"name": group.name, "settings": dict(group.varying), "runs": [trial.id for trial in group.trials]}
            | {name: value for column in shown[len(comparison.over) :] for name, value in column.numbers(group).items()}
            for group in comparison.groups
        ],
        "conclusion": headline(comparison),
        "sweeps": {name: headline(sweep) for name, sweep in comparison.sweeps.items()},
        "verdicts": [
            {
                "with": block.condition,
                "a": verdict.a,
                "b": verdict.b,
                "sentence": verdict.sentence,
                "significant": verdict.significant,
                "p": verdict.p,
                "difference": verdict.difference.mean,
                "sd": verdict.difference.sd,
                "low": verdict.interval and verdict.interval[0],
                "high": verdict.interval and verdict.interval[1],
                "effect": verdict.difference.effect,
                "n": verdict.difference.n,
                "paired": verdict.difference.paired,
                "more_seeds_at_least": verdict.more and verdict.more[0],
                "more_seeds": verdict.more and verdict.more[1],
            }
            for block in comparison.blocks
            for verdict in block.verdicts
        ],
        "pairs": comparison.pairs,
        "importance": comparison.importance,
        "best": {"run": comparison.best.id, "command": comparison.best.command},
        "incomplete": [trial.id for trial in comparison.incomplete],
        "incomplete_status": {trial.id: trial.status for trial in comparison.incomplete},
        "repeated": comparison.repeated,
    }

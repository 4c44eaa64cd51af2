"""What a comparison says, in sentences."""

from __future__ import annotations

from nnexp.compare.comparison import Comparison
from nnexp.report.number import percent

VERDICTS = 8  # settings that the best one is compared with, in words
IN_SHORT = 3  # of them, where there is more to read
NAMED = 3  # runs that are left out

HONESTY = "validation accuracy chooses, test accuracy is reported: that of the epoch with the best validation accuracy"


def best_line(comparison: Comparison) -> str:
    """The best run, and how good it is."""
    best, first = comparison.best, comparison.groups[0]
    group = next(group for group in comparison.groups if best in group.trials)
    what = f"{group.name} seed={best.seed}".strip()
    line = f"{what}: {percent(best.best_validation)} on validation, {percent(best.chosen_test)} on test"
    return line if group is first else f"{line} (on average {first.name} is better)"


def verdict_lines(comparison: Comparison, most: int = VERDICTS) -> list[str]:
    """What can be told of the best setting against the others, and what p is corrected for."""
    if not comparison.verdicts:
        return []
    if comparison.different_data:
        return ["these runs were judged by different test data, so no setting can be said to be better"]
    if not comparison.several_seeds:
        return ["whether a setting is better, one seed each can't tell: try 'seed=range(5)'"]
    lines = [verdict.sentence for verdict in comparison.verdicts[:most]]
    if others := comparison.verdicts[most:]:
        told = sum(verdict.told for verdict in others)
        which = "the other one" if len(others) == 1 else f"the {len(others)} others"
        lines.append(f"of {which}, {told or 'none'} can be told from the best one")
    if comparison.pairs > 1:
        lines.append(f"p holds at every look, and is corrected for all {comparison.pairs:,} pairs of settings (Holm)")
    return lines


def importance_line(comparison: Comparison) -> str:
    """Which setting mattered most; empty if that can't be told."""
    shares = [f"{name} {100 * share:.0f} %" for name, share in comparison.importance.items()]
    forest = " (as far as a random forest can tell: the runs are no grid)"
    how = "" if comparison.worked_out or not shares else forest
    return ", ".join(shares) + how


def notes(comparison: Comparison) -> list[str]:
    """What has to be known to read it right."""
    lines = [HONESTY]
    if comparison.several_seeds:
        lines.append("± is the standard deviation over seeds, the interval that of the mean test accuracy for one look")
    if comparison.repeated:
        lines.append(f"{_runs(comparison.repeated)} left out: another has the same settings and seed")
    unfinished = [trial for trial in comparison.incomplete if trial.status != "FINISHED"]
    if unfinished:
        named = [f"{trial.name} {trial.status}" for trial in unfinished[:NAMED]]
        more = [f"{len(unfinished) - NAMED} more"] if unfinished[NAMED:] else []
        lines.append(f"{_runs(len(unfinished))} left out, not finished: {', '.join(named + more)}")
    if empty := len(comparison.incomplete) - len(unfinished):
        lines.append(f"{_runs(empty)} left out: no accuracies to compare")
    return lines


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"

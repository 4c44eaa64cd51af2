"""What a comparison says, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from nnexp.comparison.block import Block
from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.text import accuracy_text
from nnexp.formats import result_text
from nnexp.printable import counted
from nnexp.stats.verdict import Verdict, more_text

VERDICTS = 8  # settings that the first one is compared with, in words
IN_SHORT = 3  # of them, where there is more to read
NAMED = 3  # runs that are left out, settings in a sentence

HONESTY = "validation accuracy chooses, test accuracy is reported: that of the epoch with the best validation accuracy"


def headline(comparison: Comparison) -> str:
    """Which setting is better, in a sentence, or that it can't be told yet."""
    groups = comparison.groups
    if len(groups) == 1:
        seeds, test = counted(len(groups[0].trials), "seed"), accuracy_text(groups[0].test)
        several = comparison.several_seeds
        return f"one setting, test accuracy {test} ({seeds})" if several else "one run, and nothing to compare it with"
    if comparison.different_data:
        return "no setting can be called better: these runs were tested on different data"
    if not comparison.several_seeds:
        return f"can't tell which of {len(groups)} settings is better from one seed each: try 'seed=range(5)'"
    compared = [block for block in comparison.blocks if len(block.groups) > 1]
    parts = [f"{_with(block)}{_headline(block)}" for block in compared[:NAMED]]
    more = [f"and so on, with {len(compared) - NAMED} more"] if compared[NAMED:] else []
    return "; ".join([*parts, *more])


def _headline(block: Block) -> str:
    """Which of a block's settings is better."""
    groups, first, others = block.groups, block.first, len(block.groups) - 1
    significant = [verdict for verdict in block.verdicts if verdict.significant]
    if len(groups) == 2:
        return block.verdicts[0].sentence
    if better := [verdict.a for verdict in significant if verdict.a != first]:
        return f"{_listed(better)} beat{'s' * (len(better) == 1)} {first}, which is ahead on validation"
    if len(significant) == others:
        return f"{first} beats {'both' if others == 2 else f'all {others}'} others"
    if not significant:
        ahead = f"{first} is ahead on validation{_seeds(block)}"
        return f"can't tell yet which of {len(groups)} settings is best: {ahead}"
    beaten = _listed([_other(verdict, first) for verdict in significant])
    rest = _listed([_other(verdict, first) for verdict in block.verdicts if not verdict.significant])
    return f"{first} beats {beaten}; it can't be told yet whether it beats {rest}{_seeds(block)}"


def _with(block: Block) -> str:
    return f"with {block.condition}: " if block.condition else ""


def verdict_lines(comparison: Comparison, most: int = VERDICTS) -> list[str]:
    """Each other setting against the first, which the headline names, and what p is corrected for."""
    if len(comparison.groups) < 3 or comparison.different_data or not comparison.several_seeds:
        return []  # the headline is enough
    lines = []
    for block in comparison.blocks:
        if len(block.groups) > 2:
            lines += [f"{_with(block)}{line}" for line in _block_lines(block, most)]
    return [*lines, f"p is valid at any time, and corrected for all {comparison.pairs:,} pairs of settings (Holm)"]


def _block_lines(block: Block, most: int) -> list[str]:
    lines = [_against(block.first, verdict) for verdict in block.verdicts[:most]]
    if others := block.verdicts[most:]:
        significant = sum(verdict.significant for verdict in others)
        more = counted(len(others), "more setting")
        lines.append(f"and {more}, {significant or 'none'} of them significantly different")
    return lines


def best_line(comparison: Comparison) -> str:
    """The best single run, and how good it is; a luckier seed makes no better setting."""
    best, first = comparison.best, comparison.groups[0]
    group = next(group for group in comparison.groups if best in group.trials)
    name = f"{group.name} seed={best.seed}".strip()
    line = result_text(name, best.best_validation, best.chosen_test, best.epoch)
    return line if group is first else f"{line}; on average over seeds {first.name} is ahead"


def _against(first: str, verdict: Verdict) -> str:
    """A verdict without the name of the first setting: `eta=3: beaten by 0.21 ± 0.08 points (5 seeds, p = 0.040)`."""
    if not verdict.significant:
        return f"{_other(verdict, first)}: {verdict.why_not}"
    how = "beaten by" if verdict.a == first else "beats it by"
    return f"{_other(verdict, first)}: {how} {verdict.lead}"


def _other(verdict: Verdict, first: str) -> str:
    return verdict.b if verdict.a == first else verdict.a


def _listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many, how many they are."""
    if len(names) > NAMED:
        return f"{len(names)} others"
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def _seeds(block: Block) -> str:
    """How many more seeds would show that the first setting beats all others; empty if that can't be estimated."""
    more = [verdict.more for verdict in block.verdicts if not verdict.significant]
    known = [seeds for seeds in more if seeds is not None]
    if not known or len(known) < len(more):
        return ""
    least, most = (max(ends) for ends in zip(*known, strict=True))
    return f" (about {more_text(least, most)} would show it)"


def importance_line(comparison: Comparison) -> str:
    """What explains the variance of test accuracy; empty if nothing does."""
    shares = [f"{name} {100 * share:.0f} %" for name, share in comparison.importance.items()]
    how = "" if comparison.worked_out else " (estimated by a random forest: the runs are no grid)"
    return f"explained variance of the test accuracy: {', '.join(shares)}{how}" if shares else ""


def notes(comparison: Comparison) -> list[str]:
    """What has to be known to read it right."""
    lines = [HONESTY]
    if comparison.several_seeds:
        lines.append(
            "± is the standard deviation over seeds; the interval is that of the mean test accuracy, valid for one look"
        )
    if comparison.repeated:
        lines.append(f"{counted(comparison.repeated, 'run')} left out: another has the same settings and seed")
    unfinished = [trial for trial in comparison.incomplete if trial.status != "FINISHED"]
    if unfinished:
        named = [f"{trial.name} {trial.status}" for trial in unfinished[:NAMED]]
        more = [f"{len(unfinished) - NAMED} more"] if unfinished[NAMED:] else []
        lines.append(f"{counted(len(unfinished), 'run')} left out, not finished: {', '.join(named + more)}")
    if empty := len(comparison.incomplete) - len(unfinished):
        lines.append(f"{counted(empty, 'run')} left out: no accuracies to compare")
    return lines

"""What a comparison says, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from nnexp.comparison.block import Block, by_data
from nnexp.comparison.comparison import Comparison
from nnexp.comparison.render.text import accuracy_text
from nnexp.formats import result_text
from nnexp.printable import counted, visible
from nnexp.stats.verdict import USUAL, Verdict, more_text
from nnexp.tracking.run_store import ID_TYPED

VERDICTS = 8  # settings that the first one is compared with, in words
IN_SHORT = 3  # of them, where there is more to read
NAMED = 3  # runs that are left out, settings in a sentence
TYPED = 12  # ids of runs in a command

REST = "the rest is what no setting explains, such as the luck of a seed"
HONESTY = "validation accuracy chooses, test accuracy is reported: that of the epoch with the best validation accuracy"


def headline(comparison: Comparison) -> str:
    """Which setting is better, in a sentence, or that it can't be told yet."""
    groups = comparison.groups
    if len(groups) == 1:
        seeds, test = counted(len(groups[0].trials), "seed"), accuracy_text(groups[0].test)
        several = comparison.several_seeds
        return f"one setting, test accuracy {test} ({seeds})" if several else "one run, and nothing to compare it with"
    compared = [block for block in comparison.blocks if len(block.groups) > 1]
    parts = [f"{_with(block)}{_headline(block)}" for block in compared[:NAMED]]
    more = [f"and so on, with {len(compared) - NAMED} more"] if compared[NAMED:] else []
    other = ["no setting can be called better: these runs were tested on different data"] * (not compared)
    return "; ".join([*other, *parts, *more])


def _headline(block: Block) -> str:
    """Which of a block's settings is better."""
    groups, first, others = block.groups, block.first, len(block.groups) - 1
    if not block.several_seeds:
        return f"can't tell which of {len(groups)} settings is better from one seed each: try 'seed=range({USUAL})'"
    significant = [verdict for verdict in block.verdicts if verdict.significant]
    if len(groups) == 2:
        return block.verdicts[0].sentence
    if better := [verdict.a for verdict in significant if verdict.a != first]:
        return f"{_listed(better)} beat{'s' * (len(better) == 1)} {first}, which is ahead on validation"
    if len(significant) == others:
        return f"{first} beats {'both' if others == 2 else f'all {others}'} others"
    if not significant:
        ahead = f"{first} is ahead on validation{_seeds(block)}{_behind_first(block)}"
        return f"can't tell yet which of {len(groups)} settings is best: {ahead}"
    beaten = _listed([_other(verdict, first) for verdict in significant])
    rest = _listed([_other(verdict, first) for verdict in block.verdicts if not verdict.significant])
    return f"{first} beats {beaten}; it can't be told yet whether it beats {rest}{_seeds(block)}"


def _behind_first(block: Block) -> str:
    """What is known of the settings behind the first: `; of the others eta=1 beats eta=0.1`; empty if nothing is."""
    wins: dict[str, list[str]] = {}
    for verdict in block.every:
        if verdict.significant:
            wins.setdefault(verdict.a, []).append(verdict.b)
    best = next((group.name for group in block.groups if group.name in wins), "")
    return f"; of the others {best} beats {_listed(wins[best])}" if best else ""


def _with(block: Block) -> str:
    return f"with {block.condition}: " if block.condition else ""


def verdict_lines(comparison: Comparison, most: int = VERDICTS) -> list[str]:
    """Each other setting against the first, which the headline names; then each sweep by itself, if there are some."""
    lines = []
    for block in comparison.blocks:
        if len(block.groups) > 2 and block.several_seeds:  # else the headline is enough
            lines += [f"{_with(block)}{line}" for line in _block_lines(block, most)]
    return [*lines, *_alone(comparison)]


def _alone(comparison: Comparison) -> list[str]:
    """What each sweep shows by itself, and what to type to see more of it, or of the runs with the same data."""
    lines = []
    if comparison.different_data:
        lines.append("runs that were tested on different data are not compared with each other")
        for data, groups in by_data(comparison.groups, comparison.over).items():
            runs = [trial.id[:ID_TYPED] for group in groups for trial in group.trials]
            if 1 < len(runs) <= TYPED:
                lines.append(f"those with {data} alone: nnexp compare {' '.join(runs)}")
    for name, sweep in comparison.sweeps.items():
        lines.append(f"sweep {visible(name)} alone: {headline(sweep)}; more: nnexp compare {quote(visible(name))}")
    return lines


def _block_lines(block: Block, most: int) -> list[str]:
    """The first setting against each other one; those of which the same is to be said share a line."""
    told: dict[str, list[str]] = {}
    for verdict in block.verdicts[:most]:
        told.setdefault(_against(block.first, verdict), []).append(_other(verdict, block.first))
    lines = [f"{_listed(names)}: {how}" for how, names in told.items()]
    if others := block.verdicts[most:]:
        significant = sum(verdict.significant for verdict in others)
        more = counted(len(others), "more setting")
        lines.append(f"and {more}, {significant or 'none'} of them significantly different")
    return lines


def best_line(comparison: Comparison) -> str:
    """The best single run, and how its setting did over seeds; a luckier seed makes no better setting."""
    best = comparison.best
    group = next(group for group in comparison.groups if best in group.trials)
    block, its = next((block, each) for block in comparison.blocks for each in block.groups if best in each.trials)
    line = result_text(f"{group.name} seed={best.seed}".strip(), best.best_validation, best.chosen_test, best.epoch)
    if its.name == block.first:
        return line
    beaten = any(verdict.significant and verdict.b == its.name for verdict in block.verdicts)
    return f"{line}; over seeds its setting {'is beaten by' if beaten else 'is behind'} {block.first}"


def _against(first: str, verdict: Verdict) -> str:
    """A verdict without the two names: `beaten by 0.21 ± 0.08 points of test accuracy (5 seeds, p = 0.040)`."""
    if not verdict.significant:
        seen = verdict.difference
        where = "behind" if verdict.a == first else "ahead"
        return f"{where} on test, but {verdict.why_not}" if seen.n > 1 and seen.mean else verdict.why_not
    return f"{'beaten by' if verdict.a == first else 'beats it by'} {verdict.lead}"


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
    return f"explained variance of the test accuracy: {', '.join(shares)}{how}; {REST}" if shares else ""


def below(comparison: Comparison, images: str = "") -> list[str]:
    """What is told below the headline: the verdicts, what matters, the best run, and how to read it.

    images: what two runs come to image by image, if that was asked.
    """
    lines = [images, importance_line(comparison), f"best run: {best_line(comparison)}"]
    return [*verdict_lines(comparison), *filter(None, lines), *notes(comparison)]


def p_line(comparison: Comparison) -> str:
    """What the p values mean; empty where no difference is significant, for then none is told."""
    if not any(verdict.significant for block in comparison.blocks for verdict in block.every):
        return ""
    pairs = f", and is corrected for all {comparison.pairs:,} pairs of settings (Holm)" if comparison.pairs > 1 else ""
    return f"p is valid however often you look{pairs}"


def notes(comparison: Comparison) -> list[str]:
    """What has to be known to read it right."""
    lines = [HONESTY]
    if comparison.several_seeds:
        lines.append("± is the standard deviation over seeds; a 95 % interval is of the mean, and valid for one look")
    if what := p_line(comparison):
        lines.append(what)
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

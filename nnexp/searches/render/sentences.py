"""What a search says at its end, in sentences."""

from __future__ import annotations

from nnexp.comparison.group import Group
from nnexp.comparison.render.text import accuracy_text
from nnexp.formats import percent
from nnexp.printable import counted
from nnexp.searches.confirmed import Confirmed, Judged, confirmed
from nnexp.searches.matters import BELIEVED, Matters
from nnexp.searches.render.values import all_words, named, rounded, settings_text, words
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial
from nnexp.stats.importance import FEWEST_RUNS
from nnexp.study.objectives import VALIDATION

HONESTY = "validation accuracy chooses; test accuracy is shown, and has chosen nothing"


def headline(searched: Searched) -> str:
    """Whether the search has found something better than the default settings, in a sentence, or why it can't say."""
    complete = len(searched.complete)
    if searched.best is None:
        return f"no trial has a result: {_counts(searched) or 'none was tried'}"
    if complete == 1:
        return "one trial has a result, and there is no other to compare it with"
    if searched.several:
        return _of_the_front(searched)
    if searched.objectives[0] != VALIDATION:
        return f"no verdict: fresh seeds judge accuracy, and this search was for {words(searched.objectives[0])}"
    found = confirmed(searched)
    if found is None:
        tried = len(searched.trials)
        return f"the best of {tried} trials is always partly luck, and no fresh seeds were spent to see how much of it"
    if searched.is_default(searched.best):
        return "the search has found nothing better than the default settings: its best trial has just these"
    if searched.default is None:
        return "no verdict: the default settings don't fit, so there is nothing that it could be better than"
    return _against_default(found)


def _of_the_front(searched: Searched) -> str:
    front, complete = len(searched.front), len(searched.complete)
    names = all_words(searched.objectives)
    if front == 1:
        return f"one of {counted(complete, 'trial')} is the best in all: {names}"
    return f"{front} of {complete} trials are the front: no other trial beats one of them in {names} at once"


def _against_default(found: Confirmed) -> str:
    """Of the winner, which has other settings."""
    for group, what in ((found.winner, "the best trial"), (found.default, "the default settings")):
        if group is None:
            return f"no verdict: of {what} no run with a fresh seed has a result"
    judged = found.judged(found.winner, found.default)
    if judged is None:
        return "no verdict: the best trial and the default settings do not learn and are not tested on the same data"
    if judged.better:
        return (
            "the search has found something better than the default settings: by fresh seeds its best trial beats "
            f"them by {judged.verdict.lead}"
        )
    if judged.worse:
        return (
            "the search has found nothing better than the default settings: by fresh seeds they beat its best trial "
            f"by {judged.verdict.lead}"
        )
    if judged.verdict.difference.mean == 0:
        return "the search has found nothing better than the default settings: by fresh seeds its best trial is as good"
    if not judged.ahead:
        return (
            "nothing shows that the search has found something better than the default settings: by fresh seeds they "
            f"are ahead of its best trial ({judged.verdict.why_not})"
        )
    return (
        "the search may have found something better than the default settings, or only something lucky "
        f"({judged.verdict.why_not})"
    )


def lines(searched: Searched) -> list[str]:
    """What there is to say below the headline: the best trial, what fresh seeds say of it, and what it has cost."""
    said = _front_lines(searched) if searched.several else [best_line(searched)] if searched.best else []
    if (found := confirmed(searched)) and not searched.several:
        said += _confirmation_lines(searched, found)
    return [*said, cost_line(searched)]


def best_line(searched: Searched) -> str:
    """`best trial 17: eta=1.3 mini_batch_size=10: validation 97.91 % (3 seeds)`; empty without one."""
    best = searched.best
    return f"best {trial_text(searched, best)}" if best else ""


def trial_text(searched: Searched, trial: SearchTrial) -> str:
    """`trial 17: eta=1.3 mini_batch_size=10: validation 97.91 % (3 seeds)`; with its settings called default."""
    values = ", ".join(named(*each) for each in zip(searched.objectives, trial.values, strict=True))
    default = ", the default settings" if searched.is_default(trial) else ""
    settings = settings_text(trial.settings)
    return f"trial {trial.number}: {settings}{default}: {values} ({counted(trial.seeds, 'seed')})"


def _front_lines(searched: Searched) -> list[str]:
    """The best trial in each objective, a line for each that is another one."""
    by_objective: dict[int, list[str]] = {}
    trials = {trial.number: trial for trial in searched.front}
    for which, name in enumerate(searched.objectives):
        ahead = max(searched.front, key=lambda trial: (searched.gains(trial)[which], -trial.number), default=None)
        if ahead:
            by_objective.setdefault(ahead.number, []).append(words(name))
    return [
        f"best in {' and '.join(names)}: {trial_text(searched, trials[number])}"
        for number, names in by_objective.items()
    ]


def _confirmation_lines(searched: Searched, found: Confirmed) -> list[str]:
    """How good the three are by fresh seeds, how they compare, and what was luck."""
    second = searched.runner_up
    best_is_default = searched.best is not None and searched.is_default(searched.best)
    rival = f"the runner-up{f' (trial {second.number})' if second else ''}"
    called = {"best trial": found.winner, rival.removeprefix("the "): found.runner_up}
    called |= {} if best_is_default else {"default settings": found.default}
    tested = [f"{name} {accuracy_text(group.test)}" for name, group in called.items() if group]
    said = [f"test accuracy by fresh seeds: {', '.join(tested)}"] if tested else []
    if found.runner_up is not found.default:
        said += _pair("the best trial", rival, found.judged(found.winner, found.runner_up))
        if not best_is_default:
            said += _pair(rival, "the default settings", found.judged(found.runner_up, found.default))
    if searched.best and found.winner and list(searched.objectives) == [VALIDATION]:
        said.append(luck(searched.best, found.winner))
    return said


def _pair(one: str, other: str, judged: Judged | None) -> list[str]:
    """Two settings by fresh seeds, as a line, if there is a verdict on them."""
    if judged is None:
        return []
    a, b = (one, other) if judged.ahead else (other, one)
    verb = "beat" if a.endswith("settings") else "beats"
    if judged.verdict.significant:
        return [f"{a} {verb} {b} by {judged.verdict.lead}"]
    return [f"{a} or {b}: {judged.verdict.why_not}"]


def luck(best: SearchTrial, fresh: Group) -> str:
    """How much less the best trial reaches by seeds that it was not chosen by: the winner's curse.

    The interval is that of the mean by fresh seeds, turned: the value in the search is a number that was seen.
    """
    seen, mean = best.values[0], fresh.validation.mean
    seeds = counted(fresh.validation.n, "fresh seed")
    said = f"validation of the best trial: {percent(seen)} in the search, {percent(mean)} by {seeds}"
    if seen <= mean:
        return f"{said}: no luck in it"
    low, high = fresh.validation.low, fresh.validation.high
    between = (
        f" (95 % interval {100 * (seen - high):.2f} to {100 * (seen - low):.2f})"
        if low is not None and high is not None
        else ""
    )
    sure = "were" if high is not None and high < seen else "may have been"
    return f"{said}: {100 * (seen - mean):.2f} points of it {sure} luck{between}"


def cost_line(searched: Searched) -> str:
    """`40 trials: 30 complete, 10 pruned; 412 epochs trained, up to 130 saved by pruning`."""
    saved = f", up to {searched.saved:,} saved by pruning" if searched.saved else ""
    trained = f"; {counted(searched.paid, 'epoch')} trained{saved}" if searched.paid else ""  # no store, nobody knows
    return f"{counted(len(searched.trials), 'trial')}: {_counts(searched)}{trained}"


def _counts(searched: Searched) -> str:
    return ", ".join(f"{count} {state}" for state, count in searched.counts.items())


def matters_line(found: Matters) -> str:
    """What explains the objective, and how far that can be believed."""
    if found.trials < FEWEST_RUNS:
        return f"what matters: {counted(found.trials, 'complete trial')} can't tell, it takes {FEWEST_RUNS} or more"
    if not found.settings:
        return "what matters: nothing can be told, for the trials or their values are all the same"
    if found.explained <= 0:
        return (
            f"what matters: can't tell, for the settings of {found.trials} trials do not foresee the values of others"
        )
    shares = {name: round(100 * found.shares[name]) for name in found.settings}
    of_each = ", ".join(f"{name} {share} %" for name, share in shares.items() if share) or "no setting 1 %"
    how = "by an analysis of variance" if found.worked_out else "on unseen trials"
    doubt = "" if found.explained >= BELIEVED else ", which may be chance"
    return (
        f"what matters for {words(found.objective)}: {of_each} (of the variance; all settings together explain "
        f"{100 * found.explained:.0f} % {how}{doubt})"
    )


def notes(searched: Searched) -> list[str]:
    """What has to be known to read it right."""
    said = [HONESTY]
    if searched.several and searched.complete:
        said.append("the front is what these seeds have shown: where trials are close, luck has put some of them on it")
    if any(trial.seeds > 1 for trial in searched.complete):
        said.append("a value is the mean over the trial's seeds; those that were given the most seeds rank first")
    if pruned := searched.counts.get("pruned"):
        said.append(f"{counted(pruned, 'trial')} stopped early ({searched.prune}) and so without a value")
    if any(rounded(value) for trial in searched.trials for value in trial.settings.values()):
        said.append("settings are shown in four digits; table.csv has all")
    return said

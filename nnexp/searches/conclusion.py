"""The end of a search: what it has found, told, and written into its summary run."""

from __future__ import annotations

import hashlib
import logging
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnexp.comparison.comparison import Comparison
from nnexp.config.naming import on_lines
from nnexp.config.schema import flat
from nnexp.errors import ConfigError, in_a_line
from nnexp.plots.pictures import FIGURES
from nnexp.runner.job import Job
from nnexp.searches.dimensions import Interval
from nnexp.searches.plan import SearchPlan
from nnexp.searches.render import table
from nnexp.searches.render.html import written
from nnexp.searches.render.sentences import headline, lines, notes
from nnexp.searches.searched import Searched
from nnexp.searches.trial import SearchTrial, State
from nnexp.study.trials import Asked
from nnexp.sweeps.grid import OF_THE_SWEEP
from nnexp.tracking.chosen import CHOSEN_TEST, EPOCHS_DONE, VALIDATION
from nnexp.tracking.note_links import links
from nnexp.tracking.recording import Results
from nnexp.train.events import Status

if TYPE_CHECKING:
    from nnexp.tracking.recording import SweepSummary
    from nnexp.tracking.run_store import StoredRun

log = logging.getLogger(__name__)

REPORT = "report.html"  # as `written` calls it
DESCRIBED = 12  # rows: a note holds but so much
STOPPED = "no verdict: the search was stopped; the same command again goes on"
PRUNED = "pruned"  # what the reason of a pruner begins with
STATES: dict[str, State] = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running"}


def searched(plan: SearchPlan, trials: Sequence[Asked], confirmed: Comparison | None = None) -> Searched:
    """The search as it stands. confirmed: what became of the best by fresh seeds, if that was asked."""
    jobs = {trial.number: _jobs(plan, trial) for trial in trials}
    runs = plan.store.find_all([job.key for of_trial in jobs.values() for job in of_trial]) if plan.store else {}
    curves = plan.store.curves([run.id for run in runs.values()], (VALIDATION,))[VALIDATION] if plan.store else {}
    logarithmic = (each.name for each in plan.space.dimensions if isinstance(each, Interval) and each.log)
    return Searched(
        name=plan.name,
        objectives=plan.objectives,
        space=plan.space.in_words,
        logarithmic=frozenset(logarithmic),
        trials=[_trial(trial, jobs[trial.number], runs, curves) for trial in trials],
        full_epochs=plan.config.epochs,
        default=_default(plan),
        sampler=plan.sampler.kind,
        prune=plan.sampler.prune,
        confirmation=confirmed,
    )


def _default(plan: SearchPlan) -> dict[str, Any] | None:
    """What the settings of the space are unless they are chosen."""
    if plan.default is None:
        return None
    return {name: value for name, value in flat(plan.default).items() if name in plan.space.names}


def _jobs(plan: SearchPlan, trial: Asked) -> list[Job]:
    """The runs that the trial has had; none if its settings don't go together."""
    try:
        return [plan.job(trial, seed) for seed in plan.seeds[: len(trial.results) or 1]]
    except ConfigError:
        return []


def _trial(
    trial: Asked, jobs: Sequence[Job], stored: Mapping[str, StoredRun], curves: Mapping[str, Mapping[int, float]]
) -> SearchTrial:
    runs = [stored[job.key] for job in jobs if job.key in stored]
    settings: dict[str, Any] = flat(jobs[0].config) if jobs else dict(trial.suggested)
    tests = [run.metrics[CHOSEN_TEST] for run in runs if CHOSEN_TEST in run.metrics]
    return SearchTrial(
        number=trial.number,
        settings={name: settings[name] for name in trial.suggested},
        state=_state(trial, runs),
        values=tuple(trial.values),
        seeds=len(trial.results),
        test=sum(tests) / len(tests) if tests else None,
        epochs=sum(round(run.metrics.get(EPOCHS_DONE, 0)) for run in runs),
        curve=curves.get(runs[0].id, {}) if runs else {},
        runs=tuple(run.id for run in runs),
        suggested=trial.suggested,
    )


def _state(trial: Asked, runs: Sequence[StoredRun]) -> State:
    """How the trial stands; the study may not have heard yet that its run was pruned, when the search was stopped."""
    if trial.why and not trial.why.startswith(PRUNED):
        return "failed"
    return "pruned" if any(run.pruned_by for run in runs) else STATES[trial.state]


def conclude(
    plan: SearchPlan,
    trials: Sequence[Asked],
    confirmed: Comparison | None,
    summary: SweepSummary | None,
    status: Status,
    typed: Sequence[str],
    told: bool,
) -> Searched | None:
    """Tell what was found and where to look, and write it into the summary; who stops a search has no time for charts.

    told: whether to print the table. Gives what was found; None if the store can't tell.

    A store that is gone, and a bug in a chart, keep the rest of the end from nothing.
    """
    try:
        found = searched(plan, trials, confirmed)
    except Exception as error:  # a store may raise any
        log.warning("the end of the search could not be told: %s", in_a_line(error))
        return None
    if told:
        table.show(found)
    said = [STOPPED if status == "KILLED" else headline(found), *lines(found)]
    log.info("verdict %s", said[0])
    for line in said[1:]:
        log.info("        %s", line)
    if found.best:
        log.info("again   %s", _again(plan, found.best))
    if summary is None:
        return found
    try:
        _sum_up(plan, found, summary, status, typed, said)
    except KeyboardInterrupt:  # without the report
        _sum_up(plan, found, summary, "KILLED", typed, said)
        raise
    except Exception as error:
        log.warning("the end of the search could not be remembered: %s", in_a_line(error))
    return found


def _sum_up(
    plan: SearchPlan, found: Searched, summary: SweepSummary, status: Status, typed: Sequence[str], said: Sequence[str]
) -> None:
    """Write the summary. said: what has been found, in lines."""
    files: dict[str, str | bytes] = {"table.csv": table.as_csv(found), "table.md": table.markdown(found) + "\n"}
    report_of = _made_of(found) if plan.config.pictures and status != "KILLED" and found.complete else ""
    if report_of and report_of != summary.report_of:  # else its charts are there already
        files |= written(found)
    pages = summary.pages(plan.over)
    if report_of:
        pages = {"report": summary.page_of(REPORT)} | pages
    details = "\n".join(f"- {line}" for line in [*said[1:], *notes(found)])
    command = on_lines(["python", "-m", "nnexp.run", *typed])
    text = "\n\n".join(
        [f"**{said[0]}** {links(pages)}".rstrip(), details, table.markdown(found, DESCRIBED), "Made by", command]
    )
    best = found.best.runs[0] if found.best and found.best.runs else ""
    summary.end(status, Results(text, files, found.counts, best, said[0], report_of), plan.over)
    for name, address in summary.addresses(plan.over).items():
        log.info("%-8s%s", name, address)
    if report_of:
        log.info("report  %s", summary.place_of(REPORT))


def _again(plan: SearchPlan, trial: SearchTrial) -> str:
    """The command for the trial's settings alone."""
    words = [word for word in plan.space.words(trial.suggested) if not word.startswith(OF_THE_SWEEP)]
    return shlex.join(["python", "-m", "nnexp.run", *words])


def _made_of(found: Searched) -> str:
    """What a report of these trials is made of: a hash of what each came to, what fresh seeds said, and where it is."""
    fresh = [trial.id for trial in found.confirmation.trials] if found.confirmation else []
    trials = [(trial.number, trial.state, trial.values) for trial in found.trials]
    return hashlib.sha256(repr([trials, fresh, FIGURES]).encode()).hexdigest()

"""Searches for tests, in this process: planned from words as the command line is, their jobs one after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import inline_jobs
from configs import composer
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from nnexp.config.schema import CONF
from nnexp.launch.launchers.serial import Serial
from nnexp.nn.weights_file import load
from nnexp.runner.job import Job, Place
from nnexp.searches.plan import FOLDER, JOURNAL, SearchPlan, plan_search
from nnexp.searches.run import search
from nnexp.study import journal
from nnexp.study.trials import RESULTS, SUGGESTED, WHY, Asked, Trials
from nnexp.sweeps.job_outcomes import Places
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.folder import Folder

TINY = ("data=digits", "sizes=[64,10]", "epochs=3", "pictures=false", "launch=serial", "tracking=folder")
SEARCH = (*TINY, "search=random", "eta=interval(1,3)", "sweep.name=s", "search.confirm=0")


def planned(folder: Path, *words: str) -> SearchPlan:
    """The plan of the search that these words describe, in that folder; of words for one setting the last."""
    words = tuple({word.partition("=")[0]: word for word in words}.values())
    made = composer()
    with contextlib.chdir(folder), initialize_config_dir(str(CONF), version_base="1.3"):
        fixed = [word for word in words if word.startswith("sweep.")]
        settings = made.config(fixed).sweep
        return plan_search(words, settings, OverridesParser.create(), made)


def searched(folder: Path, *words: str) -> list[Asked]:
    """The trials of that search, done, or gone on with, as a new process would."""
    journal._opened.cache_clear()
    plan = planned(folder, *words)
    places = Places(folder / "multirun", lambda number, job: place(folder, number, job))
    with (
        contextlib.chdir(folder),
        initialize_config_dir(str(CONF), version_base="1.3"),
        patch.object(Serial, "prepare", lambda launcher, modules, warm_up: None),
        patch.object(Serial, "run", lambda launcher, work, jobs, _, tell: inline_jobs.run(work.start, jobs, tell)),
    ):
        search(plan, places, words)
        return Trials(plan.journal, plan.name, plan.drawing, plan.about).all()


def place(folder: Path, number: int, job: Job) -> Place:
    """Where a job writes; it opens no log."""
    return Place(folder / "multirun" / str(number))


def runs(folder: Path) -> list[StoredRun]:
    """The runs that the folder has, without summaries."""
    with contextlib.chdir(folder):
        return list(Folder().open(make=False).search())


def weights(folder: Path) -> dict[str, str]:
    """The fingerprint of each run's last weights, by the run's key."""
    with contextlib.chdir(folder):
        return {
            run.tags["nnexp.key"]: load(Path(run.store.files_of(run.id)) / "weights.npz").fingerprint()
            for run in runs(folder)
        }


def told(trials: Sequence[Asked]) -> list[tuple[object, ...]]:
    """What there is to say of each trial, whenever it was run."""
    return [(each.number, dict(each.suggested), each.state, list(each.values), each.results) for each in trials]


def trials_in(folder: Path, name: str) -> list[Asked]:
    """The trials of a search of the folder, as its journal has them; read anew, and nothing written."""
    from optuna import load_study
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = folder / FOLDER / name / JOURNAL
    if not path.exists():
        return []
    stored = JournalStorage(JournalFileBackend(str(path)))
    if name not in [each.study_name for each in stored.get_all_studies()]:  # it has just been made
        return []
    study = load_study(study_name=name, storage=stored)
    return list(map(_as_kept, study.get_trials()))


def _as_kept(trial: Any) -> Asked:
    """A trial, as the journal has it beside what Optuna keeps."""
    kept, state = trial.user_attrs, trial.state.name
    results = {int(seed): values for seed, values in kept.get(RESULTS, {}).items()}
    values = trial.values if state == "COMPLETE" else []
    return Asked(trial.number, kept.get(SUGGESTED, {}), results, state, values, kept.get(WHY, ""))

"""Searching MLflow's runs: those with a key, those of a sweep, those that sum up a sweep."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from nnexp.errors import UsageError
from nnexp.tracking.dataset_facts import NAMES
from nnexp.tracking.mlflow.database import as_many, database_of, matching, runs_with, tagged, tagged_as
from nnexp.tracking.mlflow.store import Store
from nnexp.tracking.run_store import RunStore, StoredRun
from nnexp.tracking.tags import KEY, ORIGIN, PRUNED, SUMMARY, key_tag, member

if TYPE_CHECKING:
    from mlflow.entities import Run

REQUESTS = 8  # to a server at the same time
PAGE = 1000  # runs
MOST_SWEEPS = 1000
NEWEST_FIRST = "attributes.start_time DESC"


def stored(runs: RunStore, run: Run) -> StoredRun:
    """The run as a plain value. runs: the store that it is from."""
    info, data, dataset = run.info, run.data, _dataset(run)
    return StoredRun(
        runs,
        str(info.run_id),
        str(info.run_name),
        str(info.status),
        info.start_time / 1000,
        info.end_time / 1000 if info.end_time else None,
        dict(data.tags),
        dict(data.params),
        dict(data.metrics),
        int(json.loads(dataset.get("profile", "{}")).get("test", 0)),
        dataset,
    )


def _dataset(run: Run) -> dict[str, str]:
    """What the run was trained on, by the names that `dataset_facts` has."""
    inputs = run.inputs.dataset_inputs if run.inputs else []
    said = {name: getattr(inputs[0].dataset, name) for name in NAMES} if inputs else {}
    return {name: text for name, text in said.items() if text}


def find(store: Store, keys: Sequence[str]) -> dict[str, Run]:
    """The experiment's runs with these keys, by key, as `RunStore.find` gives each.

    A run has a tag that is named after its key: a database of MLflow's has an index of the names of tags and none of
    their values, so a look-up takes as long among 10,000 runs as among ten. All keys are one query of a database, and
    one each of a server. Runs from before there was that tag are looked at one by one, where there are any.
    """
    database = database_of(store.client)
    if database is None:
        with ThreadPoolExecutor(REQUESTS) as threads:
            each = threads.map(lambda key: _asked_for(store, key), keys)
            return {key: run for key, run in zip(keys, each, strict=True) if run}
    rows = tagged(database, store.experiment_id, [key_tag(key) for key in keys])
    pruned = set()
    if len({name for name, *_ in rows}) < len(rows):  # some are there more than once
        pruned = {run_id for _, run_id, *_ in tagged(database, store.experiment_id, [PRUNED])}
    best = _best_of_each(((name.removeprefix(key_tag("")), *facts) for name, *facts in rows), pruned)
    missing = [key for key in keys if key not in best]
    if missing and not as_many(database, KEY, f"{key_tag('')}%"):
        best |= _best_of_each(tagged_as(database, store.experiment_id, KEY, missing))
    found = {str(run.info.run_id): run for run in runs_with(database, list(best.values()))}
    return {key: found[run_id] for key, run_id in best.items() if run_id in found}


def _best_of_each(rows: Iterable[Sequence[Any]], pruned: Container[str] = ()) -> dict[str, str]:
    """The run that counts for each key. rows: (key, run, status, start). pruned: runs that are not quite finished."""

    def order(row: Sequence[Any]) -> tuple[bool, int]:
        return row[2] == "FINISHED" and row[1] not in pruned, row[3]

    return {key: run_id for key, run_id, *_ in sorted(rows, key=order)}


def _asked_for(store: Store, key: str) -> Run | None:
    """The run that counts for a key, asked of the client."""
    condition = f"tags.`{key_tag(key)}` = 'yes'" if store.keyed else f"tags.`{KEY}` = '{key}'"
    newest = store.client.search_runs([store.experiment_id], condition, order_by=[NEWEST_FIRST], max_results=50)
    # Of several that are alike the first, which is the newest.
    return min(newest, key=lambda run: run.info.status != "FINISHED" or PRUNED in run.data.tags, default=None)


def search(
    store: Store, condition: str = "", status: str = "", order: Sequence[str] = (), most: int | None = None
) -> list[Run]:
    """The experiment's runs that meet the condition, in MLflow's words; `UsageError` for one it can't read.

    Runs that sum up a sweep are none of them. status: that they must have, if any. order: in MLflow's words; else the
    newest are first. most: how many at most.
    """
    from mlflow.exceptions import MlflowException

    whole = " AND ".join(filter(None, [condition, f"attributes.status = '{status}'" if status else ""]))
    found: list[Run] = []
    try:
        for page in _pages(store, whole, order, PAGE if most is None else min(most + 1, PAGE)):
            found += [run for run in page if SUMMARY not in run.data.tags]
            if most is not None and len(found) >= most:
                break
    except MlflowException as error:
        if not condition or error.error_code != "INVALID_PARAMETER_VALUE":  # a server that is gone, say
            raise
        such = "params.cost = 'quadratic' or metrics.best_validation_accuracy > 0.97"
        raise UsageError(f"filter: got {condition!r}, expected a condition such as {such}") from error
    return found[:most]


def _pages(store: Store, condition: str, order: Sequence[str], size: int) -> Iterator[Sequence[Run]]:
    """The runs that meet the condition, so many at a time."""
    if database := database_of(store.client):
        start = 0
        while page := matching(database, store.experiment_id, condition, order, size, start):
            yield page
            start += size
        return
    token = None
    while True:
        answer = store.client.search_runs(
            [store.experiment_id], condition, max_results=size, order_by=list(order), page_token=token
        )
        yield answer
        token = answer.token
        if not token:
            return


def summaries(store: Store) -> list[Run]:
    """The runs that sum up a sweep, the newest first, one for each."""
    newest: dict[str, Run] = {}
    for run in next(_pages(store, f"tags.`{SUMMARY}` LIKE '%'", [NEWEST_FIRST], MOST_SWEEPS), ()):
        newest.setdefault(run.data.tags[SUMMARY], run)  # two machines may each have begun one
    return list(newest.values())


def members_filter(sweep: str) -> str:
    """MLflow's filter for the sweep's runs."""
    return f"tags.`{member(sweep)}` = 'yes'"


def beginning(store: Store, run_id: str) -> list[Run]:
    """The runs whose id begins so; if there are none, those that are a copy of one whose id does."""
    return next(filter(None, (search(store, condition) for condition in _beginning_filters(run_id))), [])


def _beginning_filters(run_id: str) -> list[str]:
    """MLflow's filters for those, of which it answers the first without reading the others; none for what is no id."""
    if not run_id.isalnum():  # it would be another question
        return []
    return [f"attributes.run_id LIKE '{run_id}%'", f"tags.`{ORIGIN}` LIKE '{run_id}%'"]


def deleted(store: Store, run_id: str) -> str:
    """The id of the deleted run whose id begins so, or that of the run which it is a copy of; empty if none is."""
    from mlflow.entities import ViewType

    for condition in _beginning_filters(run_id):
        for run in store.client.search_runs([store.experiment_id], condition, ViewType.DELETED_ONLY, max_results=1):
            return str(run.info.run_id)
    return ""


def deleted_ids(store: Store) -> set[str]:
    """The ids of all deleted runs, and of those that they are copies of."""
    from mlflow.entities import ViewType

    found, token = set(), None
    while True:
        page = store.client.search_runs(
            [store.experiment_id], "", ViewType.DELETED_ONLY, max_results=PAGE, page_token=token
        )
        found |= {run_id for run in page for run_id in (run.info.run_id, run.data.tags.get(ORIGIN)) if run_id}
        if not (token := page.token):
            return found


def model_address(store: Store, run_id: str) -> str:
    """Where the run's model is: by its own id, for MLflow finds it by the run's only among all that there are."""
    outputs = store.client.get_run(run_id).outputs
    last = max(outputs.model_outputs if outputs else (), key=lambda model: int(model.step), default=None)
    return f"models:/{last.model_id}" if last else f"runs:/{run_id}/model"

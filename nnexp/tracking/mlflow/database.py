"""Reading the database behind MLflow's client in few statements: its own store makes an object for each row.

Private to MLflow, and seen to work in the versions of `SEEN_IN`: any other goes by the client, and so does a server.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nnexp.tracking.contents import Point
from nnexp.tracking.mlflow.private import SEEN_IN

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import DatasetInput, Run

AT_ONCE = 500  # runs in a query: a database takes but so many variables


def database_of(client: MlflowClient) -> Any:
    """The store behind the client, if that is a database of a version seen to work; else None."""
    from mlflow.version import VERSION

    databases = sys.modules.get("mlflow.store.tracking.sqlalchemy_store")  # not imported: no database is open
    store = client._tracking_client.store
    usable = databases and isinstance(store, databases.SqlAlchemyStore) and VERSION.startswith(SEEN_IN)
    return store if usable else None


def points_in(database: Any, run_ids: Sequence[str], metrics: Sequence[str]) -> Iterator[tuple[str, str, int, float]]:
    """(metric, run, epoch, value) of the runs in a database, without NaN, whose value MLflow writes as 0."""
    from mlflow.store.tracking.dbmodels.models import SqlMetric

    columns = SqlMetric.key, SqlMetric.run_uuid, SqlMetric.step, SqlMetric.value
    for some in _portions(run_ids):
        with database.ManagedSessionMaker() as session:
            query = session.query(*columns).filter(SqlMetric.run_uuid.in_(some), SqlMetric.key.in_(metrics))
            yield from query.filter(SqlMetric.is_nan.is_(False)).yield_per(10_000)


def histories_in(database: Any, run_id: str) -> Iterator[Point]:
    """Every point of a run's curves."""
    from mlflow.store.tracking.dbmodels.models import SqlMetric
    from sqlalchemy import select

    columns = SqlMetric.key, SqlMetric.step, SqlMetric.value, SqlMetric.timestamp, SqlMetric.is_nan
    query = select(*columns).where(SqlMetric.run_uuid == run_id)
    with database.ManagedSessionMaker() as session:
        for metric, step, value, time, is_nan in session.execute(query.order_by(SqlMetric.step, SqlMetric.key)):
            yield Point(metric, step, math.nan if is_nan else value, time)


def tagged(database: Any, experiment: str, names: Sequence[str]) -> list[tuple[str, str, str, int]]:
    """(tag, run, status, start) of the experiment's runs that have a tag of one of these names, which is its index."""
    from mlflow.store.tracking.dbmodels.models import SqlTag

    return _runs_where(database, experiment, SqlTag.key, SqlTag.key, names)


def tagged_as(database: Any, experiment: str, name: str, values: Sequence[str]) -> list[tuple[str, str, str, int]]:
    """(value, run, status, start) of the runs whose tag `name` has one of the values: looks at all there are."""
    from mlflow.store.tracking.dbmodels.models import SqlTag

    return _runs_where(database, experiment, SqlTag.value, SqlTag.value, values, SqlTag.key == name)


def as_many(database: Any, name: str, names: str) -> bool:
    """Whether as many runs have the tag `name` as have one whose name is like `names`, %: anything; by the index."""
    from mlflow.store.tracking.dbmodels.models import SqlTag
    from sqlalchemy import func, select

    count = select(func.count())
    with database.ManagedSessionMaker() as session:
        counts = {session.scalar(count.where(each)) for each in (SqlTag.key == name, SqlTag.key.like(names))}
    return len(counts) == 1


def _runs_where(
    database: Any, experiment: str, shown: Any, column: Any, wanted: Sequence[str], *further: Any
) -> list[tuple[str, str, str, int]]:
    from mlflow.store.tracking.dbmodels.models import SqlRun, SqlTag
    from sqlalchemy import select

    query = select(shown, SqlRun.run_uuid, SqlRun.status, SqlRun.start_time).join(SqlTag)
    query = query.where(SqlRun.experiment_id == int(experiment), SqlRun.lifecycle_stage == "active", *further)
    with database.ManagedSessionMaker() as session:
        return [tuple(row) for some in _portions(wanted) for row in session.execute(query.where(column.in_(some)))]


def matching(
    database: Any, experiment: str, condition: str, order: Sequence[str], most: int, start: int = 0
) -> list[Run]:
    """What MLflow's `search_runs` finds, by its own clauses and in its order, from the run numbered `start` on."""
    from mlflow.store.tracking import sqlalchemy_store
    from mlflow.store.tracking.dbmodels.models import SqlRun
    from mlflow.utils.search_utils import SearchUtils
    from sqlalchemy import select

    parsed = SearchUtils.parse_search_filter(condition)
    with database.ManagedSessionMaker() as session:
        cases, ordered, joins = sqlalchemy_store._get_orderby_clauses(list(order), session)
        attributes, others, datasets = sqlalchemy_store._get_sqlalchemy_filter_clauses(
            parsed, session, database._get_dialect()
        )
        query = select(SqlRun.run_uuid, SqlRun.start_time, *cases).select_from(SqlRun)
        for other in others:
            query = query.join(other)
        for dataset in datasets:
            query = query.join(dataset, SqlRun.run_uuid == dataset.c.destination_id)
        for join in joins:
            query = query.outerjoin(join)
        query = query.where(SqlRun.experiment_id == int(experiment), SqlRun.lifecycle_stage == "active", *attributes)
        query = (query.distinct() if datasets else query).order_by(*ordered).offset(start).limit(most)
        ids = [row[0] for row in session.execute(query)]
    return runs_with(database, ids)


def runs_with(database: Any, ids: Sequence[str]) -> list[Run]:
    """The runs with these ids, in this order, as MLflow gives them but for their models."""
    found: dict[str, Run] = {}
    with database.ManagedSessionMaker() as session:
        for some in _portions(ids):
            found |= _read(session, some)
    return [found[run_id] for run_id in ids if run_id in found]


def _read(session: Any, ids: Sequence[str]) -> dict[str, Run]:
    from mlflow.entities import Metric, Param, Run, RunData, RunInfo, RunInputs, RunTag
    from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlParam, SqlRun, SqlTag

    def rows(table: Any, *columns: Any) -> dict[str, list[Any]]:
        return _by_run(session, table.run_uuid, ids, table.key, table.value, *columns)

    latest = SqlLatestMetric
    metrics = rows(latest, latest.is_nan, latest.timestamp, latest.step)
    params, tags, inputs = rows(SqlParam), rows(SqlTag), _inputs(session, ids)
    runs = {}
    names = "experiment_id", "user_id", "status", "start_time", "end_time", "lifecycle_stage", "artifact_uri", "name"
    for run_id, facts in _by_run(session, SqlRun.run_uuid, ids, *(getattr(SqlRun, name) for name in names)).items():
        (experiment, *others, name) = facts[0]
        points = [(key, math.nan if is_nan else value, *when) for key, value, is_nan, *when in metrics[run_id]]
        data = RunData(
            [Metric(*point) for point in points],
            [Param(*each) for each in params[run_id]],
            [RunTag(*each) for each in tags[run_id]],
        )
        info = RunInfo(run_id, str(experiment), *others, run_name=name or data.tags.get("mlflow.runName"))
        runs[run_id] = Run(info, data, RunInputs(dataset_inputs=inputs[run_id]))
    return runs


def _inputs(session: Any, ids: Sequence[str]) -> dict[str, list[DatasetInput]]:
    """The data sets of runs, without the tags that tell what each was used for."""
    from mlflow.entities import Dataset, DatasetInput
    from mlflow.store.tracking.dbmodels.models import SqlDataset, SqlInput
    from sqlalchemy import select

    names = "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile"
    columns = [getattr(SqlDataset, name) for name in names]
    query = select(SqlInput.destination_id, *columns).join(SqlDataset, SqlInput.source_id == SqlDataset.dataset_uuid)
    query = query.where(SqlInput.destination_type == "RUN", SqlInput.destination_id.in_(ids))
    found: dict[str, list[DatasetInput]] = defaultdict(list)
    for run_id, *facts in session.execute(query):
        found[run_id].append(DatasetInput(Dataset(*facts), tags=[]))
    return found


def _by_run(session: Any, run_id: Any, ids: Sequence[str], *columns: Any) -> dict[str, list[Any]]:
    """The columns' rows of each run."""
    from sqlalchemy import select

    found: dict[str, list[Any]] = defaultdict(list)
    for key, *row in session.execute(select(run_id, *columns).where(run_id.in_(ids))):
        found[key].append(row)
    return found


def _portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]

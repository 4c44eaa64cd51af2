"""A run's rows written straight into the SQLite file that MLflow keeps, each batch as one transaction.

MLflow's own store takes a session for each kind of row, and reads the run again in each of them: 60 ms of CPU for a run
of three epochs, of which this leaves 6. The rows are the same. Private to MLflow, as `database.py` is.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nnexp.tracking.mlflow.database import database_of
from nnexp.tracking.mlflow.rows import Batch, ClientRows, Rows
from nnexp.tracking.mlflow.store import Store

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput, Metric, Run


def rows_of(store: Store) -> Rows:
    """The quickest way into the store; a SQLite file has one writer at a time, for which a sweep's workers wait."""
    by_client = ClientRows(store)
    database = database_of(store.client)
    is_file = database is not None and database.db_type == "sqlite"
    return SQLiteRows(database, store.experiment_id, by_client) if is_file else by_client


def named_rows_of(store: Store) -> Rows:
    """What makes a run with the id that it is to have: any database lets us. A server chooses the id itself."""
    database, by_client = database_of(store.client), ClientRows(store)
    return by_client if database is None else SQLiteRows(database, store.experiment_id, by_client)


class SQLiteRows:
    """Rows of one experiment. others: the way for a run or an experiment that is deleted, which MLflow refuses."""

    keeps_ids = True

    def __init__(self, database: Any, experiment: str, others: Rows) -> None:
        self._database = database
        self._experiment = int(experiment)
        self._others = others

    def create(self, name: str, tags: Mapping[str, str], run_id: str = "", start: int | None = None) -> Run:
        from mlflow.entities import Run, RunData, RunInfo, RunInputs, RunTag
        from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlRun, SqlTag
        from mlflow.utils.uri import append_to_uri_path
        from mlflow.utils.validation import _validate_tag
        from sqlalchemy import select

        run_id, now = run_id or uuid.uuid4().hex, start or _milliseconds()
        named = [_validate_tag(key, value) for key, value in {**tags, "mlflow.runName": name}.items()]
        place = select(SqlExperiment.artifact_location).where(
            SqlExperiment.experiment_id == self._experiment, SqlExperiment.lifecycle_stage == "active"
        )
        with self._database.ManagedSessionMaker(read_only=False) as session:
            if (location := session.scalar(place)) is None:
                return self._others.create(name, tags, run_id, start)
            user, files = tags.get("mlflow.user", "unknown"), append_to_uri_path(location, run_id, "artifacts")
            facts = {"user_id": user, "status": "RUNNING", "start_time": now, "end_time": None}
            facts |= {"lifecycle_stage": "active", "artifact_uri": files}
            unused = {"source_type": "UNKNOWN", "source_name": "", "entry_point_name": "", "source_version": ""}
            row = facts | unused | {"run_uuid": run_id, "name": name, "experiment_id": self._experiment}
            session.execute(SqlRun.__table__.insert(), row)
            session.execute(SqlTag.__table__.insert(), [_row(run_id, tag) for tag in named])
        info = RunInfo(run_id, str(self._experiment), run_name=name, **facts)
        return Run(info, RunData(tags=[RunTag(tag.key, tag.value) for tag in named]), RunInputs(dataset_inputs=[]))

    def write(self, run_id: str, batch: Batch) -> None:
        from mlflow.entities import RunTag
        from mlflow.store.tracking.dbmodels.models import SqlParam, SqlRun, SqlTag
        from mlflow.utils.validation import _validate_batch_log_data
        from sqlalchemy import select
        from sqlalchemy.dialects.sqlite import insert

        tags = [RunTag(name, value) for name, value in batch.tags.items()]
        metrics, params, tags = _validate_batch_log_data(list(batch.metrics), list(batch.params), tags)
        with self._database.ManagedSessionMaker(read_only=False) as session:
            if session.scalar(select(SqlRun.lifecycle_stage).where(SqlRun.run_uuid == run_id)) != "active":
                self._others.write(run_id, batch)
                return
            if params:
                new = insert(SqlParam.__table__).on_conflict_do_nothing()
                session.execute(new, [_row(run_id, param) for param in params])
            if batch.gone:
                old = SqlTag.__table__
                session.execute(old.delete().where(old.c.run_uuid == run_id, old.c.key.in_(batch.gone)))
            if tags:
                put = insert(SqlTag.__table__)
                put = put.on_conflict_do_update(["key", "run_uuid"], set_={"value": put.excluded.value})
                session.execute(put, [_row(run_id, tag) for tag in tags])
            if metrics:
                self._write_metrics(session, run_id, metrics)
            if batch.dataset:
                self._write_dataset(session, run_id, batch.dataset)
            if batch.status:
                ended = {} if batch.status == "RUNNING" else {"end_time": batch.ended or _milliseconds()}
                runs = SqlRun.__table__
                session.execute(runs.update().where(runs.c.run_uuid == run_id).values(status=batch.status, **ended))

    def _write_metrics(self, session: Any, run_id: str, metrics: Iterable[Metric]) -> None:
        from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric
        from sqlalchemy import tuple_
        from sqlalchemy.dialects.sqlite import insert

        rows = [self._point(run_id, metric) for metric in metrics]
        session.execute(insert(SqlMetric.__table__).on_conflict_do_nothing(), rows)
        order = "step", "timestamp", "value"
        last = {row["key"]: row for row in sorted(rows, key=lambda row: [row[name] for name in order])}
        put, latest = insert(SqlLatestMetric.__table__), SqlLatestMetric.__table__.c
        put = put.on_conflict_do_update(
            ["key", "run_uuid"],
            set_={name: put.excluded[name] for name in (*order, "is_nan")},
            where=tuple_(*(put.excluded[name] for name in order)) > tuple_(*(latest[name] for name in order)),
        )
        session.execute(put, list(last.values()))

    def _point(self, run_id: str, metric: Metric) -> dict[str, Any]:
        nan, value = self._database.sanitize_metric_value(metric.value)
        return _row(run_id, metric) | {
            "value": value,
            "timestamp": metric.timestamp,
            "step": metric.step,
            "is_nan": nan,
        }

    def _write_dataset(self, session: Any, run_id: str, used: DatasetInput) -> None:
        """A data set is there once, whoever was first to write it."""
        from mlflow.store.tracking.dbmodels.models import SqlDataset, SqlInput, SqlInputTag
        from sqlalchemy import select
        from sqlalchemy.dialects.sqlite import insert

        data, inputs = SqlDataset.__table__, SqlInput.__table__
        facts = {"experiment_id": self._experiment, "name": used.dataset.name, "digest": used.dataset.digest}
        more = {name: getattr(used.dataset, name) for name in ("source_type", "source", "schema", "profile")}
        row = facts | {"dataset_uuid": uuid.uuid4().hex} | {f"dataset_{name}": value for name, value in more.items()}
        session.execute(insert(data).on_conflict_do_nothing(), row)
        data_id = session.scalar(select(data.c.dataset_uuid).filter_by(**facts))
        ends = {"source_type": "DATASET", "source_id": data_id, "destination_type": "RUN", "destination_id": run_id}
        new_id = uuid.uuid4().hex
        if session.execute(insert(inputs).on_conflict_do_nothing(), ends | {"input_uuid": new_id}).rowcount:
            tags = [{"input_uuid": new_id, "name": tag.key, "value": tag.value} for tag in used.tags]
            session.execute(SqlInputTag.__table__.insert(), tags)


def _row(run_id: str, named: Any) -> dict[str, Any]:
    return {"run_uuid": run_id, "key": named.key, "value": named.value}


def _milliseconds() -> int:
    return round(time.time() * 1000)

"""The ids and names in a SQLite store, read without MLflow, whose import takes seconds.

Private to MLflow, as `database.py` is; of a file with other tables there are none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from nnexp.tracking.mlflow.store import resolve, sqlite_file
from nnexp.tracking.tags import SUMMARY

SECONDS = 0.1  # to wait for another program that writes
OF_EXPERIMENT = """
FROM runs JOIN experiments USING (experiment_id) LEFT JOIN tags ON tags.run_uuid = runs.run_uuid AND tags.key = ?
WHERE experiments.name = ? AND runs.lifecycle_stage = 'active'
"""
NEWEST = "ORDER BY runs.start_time DESC LIMIT ?"


def runs(uri: str | None, experiment: str, beginning: str, most: int) -> list[tuple[str, str, str]]:
    """(id, name, status) of the newest runs whose ids begin so; none but of a SQLite file."""
    condition = "AND tags.key IS NULL AND typeof(runs.run_uuid) = 'text' AND substr(runs.run_uuid, 1, ?) = ?"
    query = f"SELECT runs.run_uuid, runs.name, runs.status {OF_EXPERIMENT} {condition} {NEWEST}"  # our own words
    return _rows(uri, query, [SUMMARY, experiment, len(beginning), beginning, most])


def sweeps(uri: str | None, experiment: str, most: int) -> list[str]:
    """The names of the newest sweeps, by their summaries; none but of a SQLite file."""
    query = f"SELECT tags.value {OF_EXPERIMENT} AND typeof(tags.value) = 'text' {NEWEST}"  # our own words
    return [name for (name,) in _rows(uri, query, [SUMMARY, experiment, most])]


def _rows(uri: str | None, query: str, values: Sequence[Any]) -> list[Any]:
    file = sqlite_file(resolve(uri))
    if file is None or not file.is_file():  # a pipe would be waited for
        return []
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=SECONDS)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.Error:
        return []

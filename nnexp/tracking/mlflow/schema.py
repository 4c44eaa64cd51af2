"""Which version of MLflow's tables a database has, told without alembic, which takes long to import and to ask.

MLflow asks at each start: alembic then runs each of the files that once changed the tables. Private to MLflow.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
BEFORE = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


def verify_by_number() -> None:
    """Let MLflow open a database whose version is the newest that it knows; of any other it finds out as ever."""
    from mlflow.store.db import utils

    thorough = utils._verify_schema

    def verify(engine: Any) -> None:
        known = newest(Path(utils.__file__).parents[1] / "db_migrations" / "versions")
        if known is None or _versions(engine) != [known]:
            thorough(engine)

    utils._verify_schema = verify


@cache
def newest(folder: Path) -> str | None:
    """The version that no file in the folder goes on from; None if that is not exactly one."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py"))]
    made, replaced = ({found for text in texts for found in each.findall(text)} for each in (REVISION, BEFORE))
    (*others, last) = sorted(made - replaced) or [None]
    return None if others or len(made) != len(replaced) + 1 else last


def _versions(engine: Any) -> list[str]:
    """What the database says; nothing if it does not."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except SQLAlchemyError:
        return []

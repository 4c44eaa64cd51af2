"""The stored log of a run holds all of its starts, in order."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import client_of, runs_in
from processes import line_of, started
from running import give_store

from nnexp.runtime.owned_files import LOG, take
from nnexp.tracking.logs import FOLDERS, LONGEST, joined, logs_here, with_start

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

KEY = "its key"


def start(folder: Path, name: str, text: str, key: str = KEY) -> Path:
    """The folder of a start that has logged this."""
    take(folder / name, key)
    (folder / name / LOG).write_text(text)
    return folder / name


def test_each_start_is_noted_once_the_first_first(tmp_path: Path) -> None:
    tag = with_start({}, tmp_path / "one")
    tag = with_start({FOLDERS: tag}, tmp_path / "two")
    assert with_start({FOLDERS: tag}, tmp_path / "one") == f"{tmp_path}/one\n{tmp_path}/two"


def test_however_often_a_run_goes_on_a_store_takes_the_tag_and_the_last_starts_stay(tmp_path: Path) -> None:
    tag = ""
    for number in range(1000):
        tag = with_start({FOLDERS: tag}, tmp_path / str(number))
    assert len(tag) <= LONGEST
    assert tag.splitlines()[-2:] == [f"{tmp_path}/998", f"{tmp_path}/999"]
    assert tag.splitlines()[0].startswith(f"{tmp_path}/")


def test_the_logs_of_all_starts_are_read_in_order(tmp_path: Path) -> None:
    folders = [start(tmp_path, "b", "first\n"), start(tmp_path, "a", "second\n"), tmp_path / "gone"]
    assert logs_here({FOLDERS: "\n".join(map(str, folders))}, KEY) == ["first\n", "second\n"]


def test_a_tag_can_not_make_a_run_read_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text("the user's secrets\n")
    other = start(tmp_path, "other", "of another run\n", key="another")
    assert logs_here({FOLDERS: f"{tmp_path}\n{other}"}, KEY) == []
    assert logs_here({FOLDERS: f"{tmp_path}"}, "") == []


def test_what_is_stored_comes_first_and_nothing_twice() -> None:
    assert joined("12:00 a\n12:01 b\n", ["12:01 b\n12:02 later\n", "12:03 c\n", ""]) == "12:00 a\n12:01 b\n12:03 c\n"


@pytest.mark.slow
def test_a_run_killed_twice_has_the_log_of_every_start_in_mlflow(tmp_path: Path) -> None:
    give_store(tmp_path)
    command = ["data=digits", "sizes=[64,100,10]", "epochs=600", "checkpoint_seconds=0", "pictures=false"]
    for line in ("epoch   3/600", "epoch  12/600"):
        with started(tmp_path, *command) as process:
            line_of(process, line)
            process.kill()
    with started(tmp_path, *command) as process:
        assert process.wait() == 0
    (run,) = runs_in(tmp_path)
    stored = Path(client_of(tmp_path).download_artifacts(run.info.run_id, LOG)).read_text()
    logs = [(folder / LOG).read_text() for folder in map(Path, run.data.tags[FOLDERS].splitlines())]
    assert len(logs) == 3
    assert stored.startswith(logs[0] + logs[1])
    assert logs[2].startswith(stored[len(logs[0] + logs[1]) :])
    assert "epoch 600/600" in stored

"""`nnexp doctor`: stores that are well, and made-up ones with one thing wrong, each told with its cure."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from commands import client_of, nnexp
from processes import free_port
from running import give_store

from nnexp.doctor.answering import check_clock, check_files, check_version, check_writing
from nnexp.doctor.examination import examine
from nnexp.doctor.finding import Examined, Finding
from nnexp.doctor.leftovers import (
    OLD_SECONDS,
    check_checkpoints,
    check_dead_runs,
    check_halves,
    check_temporary,
    check_waiting,
)
from nnexp.doctor.room import check_disk, check_permissions, places_of
from nnexp.runtime import owned_files
from nnexp.runtime.heartbeat import this_process
from nnexp.runtime.temporary import PREFIX
from nnexp.tracking.folder import run_files
from nnexp.tracking.folder import trial as folder_trial
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.served.marks import Marks
from nnexp.tracking.stores.folder import Folder
from nnexp.tracking.tags import KEY
from nnexp.tracking.trial import TRIAL

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Trial:
    """A store that answers as it is told."""

    def __init__(self, version: str = "", ahead: float = 0.0, text: str | None = None, fails: bool = False) -> None:
        self._version, self._ahead, self._text, self._fails = version, ahead, text, fails

    def write(self, number: int) -> None:
        pass

    def file(self, text: str) -> str:
        if self._fails:
            raise PermissionError(13, "Permission denied")
        return text if self._text is None else self._text

    def clock(self) -> float:
        return time.time() + self._ahead

    def version(self) -> str:
        return self._version


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of temporary folders in which no other test, and nobody else, has left anything."""
    (place := tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


@pytest.fixture
def store(tmp_path: Path) -> FolderRuns:
    """A folder of runs with none in it."""
    return Folder(path=str(tmp_path / "outputs/runs")).open()


def examined(store: FolderRuns, here: Path, trial: Any = None) -> Examined:
    return Examined(store, trial or Trial(), here)


def stored(store: FolderRuns, status: str, tags: dict[str, str]) -> str:
    """A run that a process has left in the folder."""
    run_id, key = "ab" * 16, "c" * 64
    folder = Path(store.address) / f"{run_id}-{key[:16]}"
    owned_files.take(folder, key)
    facts: dict[str, Any] = {"name": "a name", "started": 1.0, "ended": None, "params": {}, "metrics": {}}
    run_files.create(folder, id=run_id, status=status, tags={KEY: key} | tags, **facts)
    return key


def cures(findings: Any) -> list[Finding]:
    return [finding for finding in findings if finding.cure]


def test_a_folder_of_runs_that_is_well_has_nothing_to_cure_and_nothing_is_left_in_it(
    store: FolderRuns, tmp_path: Path
) -> None:
    before = sorted(Path(store.address).iterdir())
    found = list(examine(Folder(path=store.address), tmp_path))
    assert cures(found) == []
    assert {"opening", "writing", "artifacts", "clock", "runs", "disk", "permissions"} <= {each.check for each in found}
    assert sorted(Path(store.address).iterdir()) == before


@pytest.mark.slow
def test_an_mlflow_store_that_is_well_keeps_no_trace_that_a_user_sees(tmp_path: Path) -> None:
    give_store(tmp_path)
    for _ in range(2):
        done = nnexp(tmp_path, "doctor", "--json", "--experiment", "other")
        assert (done.returncode, [each for each in json.loads(done.stdout)["findings"] if each["cure"]]) == (0, [])
    assert json.loads(nnexp(tmp_path, "runs", "--experiment", "other", "--json").stdout)["runs"] == []
    assert not list((tmp_path / "mlruns").rglob("doctor.txt"))


def test_what_a_doctor_that_was_killed_has_left_in_a_folder_the_next_takes_out(
    store: FolderRuns, tmp_path: Path
) -> None:
    root = Path(store.address)
    owned_files.take(root / "doctor-00000000", TRIAL)
    owned_files.write(root / "doctor-00000000/doctor.txt", "left")
    (root / "doctor-11111111").mkdir()
    owned_files.take(root / "doctor-22222222", TRIAL)
    owned_files.write(root / "doctor-22222222/doctor.json", json.dumps(this_process()))
    list(examine(Folder(path=store.address), tmp_path))
    assert sorted(path.name for path in root.glob("doctor-*")) == ["doctor-11111111", "doctor-22222222"]


@pytest.mark.slow
def test_what_a_doctor_that_was_killed_has_left_in_mlflow_the_next_takes_out(tmp_path: Path) -> None:
    give_store(tmp_path)
    client = client_of(tmp_path)
    place = client.create_experiment("nnexp")
    for process in ("99999999 1", "99999999 2"):
        client.create_run(place, tags=this_process() | {TRIAL: "yes", "nnexp.process": process})
    of_another, alive = client.create_run(place), client.create_run(place, tags=this_process() | {TRIAL: "yes"})
    assert nnexp(tmp_path, "doctor").returncode == 0
    left = {run.info.run_id for run in client.search_runs([place])}
    assert left == {of_another.info.run_id, alive.info.run_id}


def test_a_trial_that_can_not_be_taken_out_is_told_by_its_name(
    store: FolderRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder_trial, "discard", refused)
    (finding,) = cures(examine(Folder(path=store.address), tmp_path))
    assert finding.check == "trial"
    assert "can't be taken out again (Permission denied)" in finding.said
    assert finding.cure.startswith("delete it")


def test_where_nothing_answers_the_finding_says_what_to_do(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    done = nnexp(tmp_path, "doctor", "--uri", address)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"opening     {address}: no MLflow server answers there (Connection refused); start it, or")


def test_a_database_that_was_left_half_made_is_told_with_its_cure(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("CREATE TABLE _alembic_tmp_runs (run_uuid TEXT)")
        database.commit()
    done = nnexp(tmp_path, "doctor", "--json")
    (finding, *_) = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert finding["said"].endswith("was left half made when its very first start was cut short, and can't be used")
    assert finding["cure"] == "it holds no runs: delete it, or move it away, and start again"


def test_a_server_of_another_version_is_told(store: FolderRuns, tmp_path: Path) -> None:
    (finding,) = check_version(examined(store, tmp_path, Trial(version="2.9.1")))
    assert finding.said.startswith("the server has MLflow 2.9.1, here is ")
    assert finding.cure.startswith("pip install 'mlflow==2.9.1'")


@pytest.mark.parametrize("ahead", [-60.0, 60.0])
def test_a_clock_that_is_a_minute_off_is_told(store: FolderRuns, tmp_path: Path, ahead: float) -> None:
    (finding,) = check_clock(examined(store, tmp_path, Trial(ahead=ahead)))
    assert (finding.said, bool(finding.cure)) == ("is 60 s apart from the store's", True)


@pytest.mark.parametrize(("seconds", "cured"), [(0.05, False), (1.05, True)])
def test_the_median_of_five_writes_is_told_and_a_second_is_slow(
    store: FolderRuns, tmp_path: Path, seconds: float, cured: bool
) -> None:
    times = iter([0.0, 9.0, *(each for number in range(4) for each in (10.0 * number, 10.0 * number + seconds))])
    (finding,) = check_writing(examined(store, tmp_path), clock=lambda: next(times))
    assert finding.said.startswith(f"a write takes {1000 * seconds:,.0f} ms (median of 5)")
    assert ("auth_cache_ttl_seconds" in finding.cure) is cured


@pytest.mark.parametrize(
    ("trial", "said"), [(Trial(fails=True), "can't be written (PermissionError"), (Trial(text="<html>"), "a file does")]
)
def test_artifacts_that_are_not_kept_are_told(store: FolderRuns, tmp_path: Path, trial: Trial, said: str) -> None:
    (finding,) = check_files(examined(store, tmp_path, trial))
    assert finding.said.startswith(said)
    assert finding.cure


def test_a_run_whose_process_is_gone_is_told(store: FolderRuns, tmp_path: Path) -> None:
    stored(store, "RUNNING", this_process() | {"nnexp.process": "99999999 1"})
    (finding,) = check_dead_runs(examined(store, tmp_path))
    assert finding.said == "1 run says RUNNING without a process (abababab)"
    assert "nnexp runs --mark-dead" in finding.cure


def test_a_run_whose_process_is_there_is_well(store: FolderRuns, tmp_path: Path) -> None:
    stored(store, "RUNNING", this_process())
    assert cures(check_dead_runs(examined(store, tmp_path))) == []


def test_runs_that_wait_for_a_server_are_counted_while_it_is_away(store: FolderRuns, tmp_path: Path) -> None:
    stored(store, "FINISHED", {})
    address = f"http://127.0.0.1:{free_port()}"
    marks = Marks(Path(store.address), address, "nnexp")
    (folder,) = marks.unknown().values()
    marks.owe(folder)
    found = json.loads(nnexp(tmp_path, "doctor", "--json", "--uri", address).stdout)["findings"]
    (waiting,) = [each for each in found if each["check"] == "waiting"]
    assert waiting["said"] == "1 run in outputs/runs waits for it (abababab)"
    assert waiting["cure"].startswith(f"`nnexp sync outputs/runs --to {address}`")


def test_where_no_run_waits_for_a_server_all_is_well(tmp_path: Path) -> None:
    (finding,) = check_waiting(tmp_path, "http://127.0.0.1:9", "nnexp")
    assert (finding.said, finding.cure) == ("no run in outputs/runs waits to be brought there", "")


@pytest.mark.parametrize(("status", "left"), [("FINISHED", True), ("KILLED", False)])
def test_checkpoints_of_finished_runs_are_told(store: FolderRuns, tmp_path: Path, status: str, left: bool) -> None:
    key = stored(store, status, {})
    owned_files.take(tmp_path / "outputs/checkpoints/cccc", key)
    (finding,) = check_checkpoints(examined(store, tmp_path))
    assert (finding.said == "1 folder of finished runs (cccc)") is left
    assert bool(finding.cure) is left


@pytest.mark.parametrize("name", [".mlflow.db.part", ".mlflow.db.part-journal", "outputs/a/.weights.npz.1a2b3c4d.part"])
def test_what_was_being_made_an_hour_ago_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    now = (tmp_path / name).stat().st_mtime
    assert cures(check_halves(tmp_path, now + 1)) == []
    (finding,) = check_halves(tmp_path, now + OLD_SECONDS + 1)
    assert Path(name).name in finding.said
    assert finding.cure


def test_temporary_folders_of_a_process_that_was_killed_are_told(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIX}abc").mkdir()
    (tmp_path / "others").mkdir()
    (finding,) = check_temporary(tmp_path, time.time() + OLD_SECONDS + 60)
    assert finding.said.startswith("1 folder of nnexp's in")
    assert finding.cure


def test_a_folder_without_write_permission_is_told(tmp_path: Path) -> None:
    (finding,) = check_permissions([tmp_path], may=lambda place: False)
    assert finding.said == f"{tmp_path} may not be written"
    assert finding.cure


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_store_that_may_not_be_written_takes_no_run(store: FolderRuns, tmp_path: Path) -> None:
    Path(store.address).chmod(0o500)
    found = cures(examine(Folder(path=store.address), tmp_path))
    assert {"writing", "permissions"} <= {each.check for each in found}


def test_a_disk_with_little_room_is_told(tmp_path: Path) -> None:
    (finding,) = check_disk([tmp_path], free=lambda place: 5 * 2**20)
    assert finding.said == f"5 MB are free in {tmp_path}"
    assert finding.cure


@pytest.mark.parametrize("address", ["https://mlflow.example.org", "postgresql://db/mlflow"])
def test_a_store_elsewhere_has_no_place_here(tmp_path: Path, address: str) -> None:
    assert places_of(address, tmp_path)[0] == tmp_path


def test_a_sqlite_store_is_a_file_in_a_folder_that_has_to_be_writable_too(tmp_path: Path) -> None:
    give_store(tmp_path)
    assert places_of(f"sqlite:///{tmp_path}/mlflow.db", Path("/"))[:2] == [tmp_path / "mlflow.db", tmp_path]

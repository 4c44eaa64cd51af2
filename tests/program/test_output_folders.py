"""Which folders a command may write into, and that nothing of anybody else's is lost there."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import client_of
from running import give_store, run_nnexp

from nnexp.plugins.output_folders import leads_away, leads_elsewhere, leads_out, problem
from nnexp.runtime.owned_files import MARK, SWEEP, take

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]

TINY = ("data=digits", "sizes=[64,8,10]", "epochs=1", "pictures=false")


def everything(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's folder with a thesis in it, and results of theirs."""
    give_store(tmp_path)
    for name in ("thesis/chapter1.tex", "myresults/notes.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("the work of years")
    return tmp_path


# Before anything is written.


def test_a_folder_with_files_of_the_users_is_refused_before_anything_is_written(home: Path) -> None:
    before = everything(home)
    done = run_nnexp(home, *TINY, "hydra.run.dir=.", "hydra.output_subdir=.hydra")
    assert done.returncode == 2
    assert done.stderr.startswith("hydra.run.dir: got '.', which holds files that nnexp has not made")
    assert everything(home) == before


def test_such_a_folder_of_a_sweep_is_refused_with_all_that_is_wrong(home: Path) -> None:
    before = everything(home)
    where = ("hydra.sweep.dir=myresults", "hydra.sweep.subdir=../thesis")
    done = run_nnexp(home, "-m", *TINY, "seed=0,1", *where, "launch=inline")
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["hydra.sweep.dir", "hydra.sweep.subdir"]
    assert everything(home) == before


def test_it_is_refused_by_the_run_too_should_hydra_not_ask(home: Path) -> None:
    before = everything(home)
    done = run_nnexp(home, *TINY, "hydra.run.dir=myresults", "~hydra.callbacks.output_folders")
    assert (done.returncode, done.stderr) == (
        2,
        f"{home}/myresults: holds notes.txt, expected a folder that is new or empty\n",
    )
    assert everything(home) == before


def test_the_root_is_refused() -> None:
    assert problem("hydra.run.dir", "/", of_a_sweep=False).startswith("hydra.run.dir: got '/', which is the root")


@pytest.mark.parametrize("name", ["link", "thesis", "thesis/../myresults"])
def test_another_way_to_name_a_folder_with_files_is_refused(home: Path, name: str) -> None:
    (home / "link").symlink_to(home / "thesis")
    assert "which holds files that nnexp has not made" in problem("hydra.run.dir", str(home / name), of_a_sweep=False)


def test_a_new_an_empty_and_a_marked_folder_will_do(tmp_path: Path) -> None:
    take(tmp_path / "marked", "a key")
    (tmp_path / "empty").mkdir()
    assert [
        problem("hydra.run.dir", str(tmp_path / name), of_a_sweep=False) for name in ("marked", "empty", "new")
    ] == [""] * 3


@pytest.mark.parametrize(
    ("subdir", "out"), [("${hydra.job.num}", False), ("a/b..c", False), ("a/../..", True), ("/a", True)]
)
def test_a_sweeps_jobs_have_their_folders_below_it(subdir: str, out: bool) -> None:
    assert bool(leads_out(subdir)) == out


@pytest.mark.parametrize(
    ("folder", "launcher", "elsewhere"),
    [
        ("../other", "workers", True),
        ("/other", "slurm", True),
        ("/other", "parallel", False),
        ("mine", "workers", False),
        (".", "ray", False),
    ],
)
def test_workers_on_other_machines_write_below_the_working_folder(
    folder: str, launcher: str, elsewhere: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bool(leads_elsewhere(folder, launcher)) == elsewhere


def test_a_sweep_for_workers_elsewhere_is_refused_before_anything_is_written(home: Path) -> None:
    before = everything(home)
    done = run_nnexp(home, "-m", *TINY, "eta=1,2", "launch=workers", "hydra.sweep.dir=../other")
    told = f"hydra.sweep.dir: got '../other' with launch=workers, expected a folder below {home}\n"
    assert (done.returncode, done.stderr) == (2, told)
    assert everything(home) == before


# A folder that is named again.


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in `mine`, and a file that its user has put there."""
    folder = give_store(tmp_path_factory.mktemp("trained"))
    assert run_nnexp(folder, *TINY, "hydra.run.dir=mine").returncode == 0
    (folder / "mine/notes.txt").write_text("what I think of it")
    return folder


def test_looking_a_run_up_deletes_nothing_from_the_folder_that_it_is_told(trained: Path) -> None:
    before = everything(trained)
    done = run_nnexp(trained, *TINY, "hydra.run.dir=mine")
    after = everything(trained)
    assert done.returncode == 0
    assert "nothing to train" in done.stdout
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"mine/run.log", "mlflow.db"}


def test_looking_a_run_up_leaves_an_empty_folder_of_the_users_there_and_empty(trained: Path) -> None:
    (trained / "empty").mkdir()
    assert run_nnexp(trained, *TINY, "hydra.run.dir=empty").returncode == 0
    assert list((trained / "empty").iterdir()) == []


@pytest.mark.parametrize("word", ["eta=1", "resume=never", "tracking=off"])
def test_the_folder_of_a_run_is_no_other_runs(trained: Path, word: str) -> None:
    before = everything(trained / "mine")
    done = run_nnexp(trained, *TINY, "hydra.run.dir=mine", word)
    assert done.returncode == 2
    assert f"{trained}/mine: holds" in done.stderr
    assert "expected" in done.stderr
    assert everything(trained / "mine") == before


def test_a_run_that_was_stopped_goes_on_in_the_folder_that_it_was_told(trained: Path) -> None:
    client = client_of(trained)
    words = (*TINY, "seed=7", "hydra.run.dir=seven")
    assert run_nnexp(trained, *words).returncode == 0
    (run,) = client.search_runs([client.get_experiment_by_name("nnexp").experiment_id], "params.seed = '7'")
    client.update_run(run.info.run_id, status="KILLED")
    done = run_nnexp(trained, *words)
    assert done.returncode == 0, done.stderr
    assert f"going on with run {run.info.run_id}" in done.stdout


def test_a_sweep_goes_on_in_the_folder_that_it_was_told(tmp_path: Path) -> None:
    give_store(tmp_path)
    words = ("-m", *TINY, "hydra.sweep.dir=mine", "launch=inline")
    assert run_nnexp(tmp_path, *words, "seed=0,1").returncode == 0
    before = everything(tmp_path / "mine")
    done = run_nnexp(tmp_path, *words, "seed=0,1,2")
    assert done.returncode == 0, done.stderr
    after = everything(tmp_path / "mine")
    assert {name: after[name] for name in before} == before
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {MARK, "0", "1", "2"}


def test_jobs_that_are_told_one_folder_fail_but_the_first(tmp_path: Path) -> None:
    give_store(tmp_path)
    where = ("hydra.sweep.dir=mine", "hydra.sweep.subdir=same", "launch=inline")
    done = run_nnexp(tmp_path, "-m", *TINY, "seed=0,1", *where)
    assert done.returncode == 1
    assert f"{tmp_path}/mine/same: holds files of the run" in done.stderr + done.stdout
    client = client_of(tmp_path)
    experiment = client.get_experiment_by_name("nnexp").experiment_id
    finished = [run for run in client.search_runs([experiment]) if "nnexp.key" in run.data.tags]
    assert [run.data.params["seed"] for run in finished] == ["0"]


@pytest.mark.parametrize("subdir", ["/elsewhere", "../x", "a/b", ".", "..", ""])
def test_hydras_own_files_go_nowhere_but_into_a_folder_of_the_runs(subdir: str) -> None:
    assert leads_away(subdir).startswith(f"hydra.output_subdir: got {subdir!r}, expected the name of a folder")


@pytest.mark.parametrize("subdir", [".hydra", "composed", None])
def test_hydras_own_files_may_be_called_otherwise_or_left_out(subdir: str | None) -> None:
    assert leads_away(subdir) == ""


@pytest.mark.parametrize(("mark", "of_a_sweep"), [("a" * 64, True), (SWEEP, False)])
def test_a_sweep_and_a_run_have_folders_of_their_own(tmp_path: Path, mark: str, of_a_sweep: bool) -> None:
    take(tmp_path, mark)
    (tmp_path / "config.yaml").touch()
    assert "which holds files of a" in problem("hydra.run.dir", str(tmp_path), of_a_sweep)


def test_no_name_is_no_folder() -> None:
    assert problem("hydra.run.dir", "", of_a_sweep=False).startswith("hydra.run.dir: got nothing")

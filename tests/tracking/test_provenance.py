"""Runs that another numpy or another BLAS kernel has made: told from ours, wherever one is used."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from commands import client_of, nnexp
from running import give_store, run_new, run_nnexp

from nnexp.tracking import provenance
from nnexp.tracking.provenance import BLAS, NUMBERS, blas, continued, git_tags, made_by_others

# MLflow 3.17 reads the store through calls that SQLAlchemy 2.1 calls deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SETTINGS = ["data=digits", "sizes=[64,5,10]", "epochs=1", "pictures=false"]
OTHER = "openblas 0.3.30 Haswell"
SAID = f"to the last bit: version.blas: was {OTHER}, is "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    folder = give_store(tmp_path_factory.mktemp("provenance"))
    client_of(folder)  # imports MLflow without its warnings
    done = run_nnexp(folder, *SETTINGS)
    assert done.returncode == 0, done.stderr
    return folder


@contextmanager
def made_by(folder: Path, kernel: str | None) -> Iterator[str]:
    """The run as it would be, had another kernel made it, or an earlier version that did not say; gives its id."""
    client = client_of(folder)
    (run,) = client.search_runs([client.get_experiment_by_name("nnexp").experiment_id], "tags.`nnexp.key` LIKE '%'")
    client.delete_tag(run.info.run_id, BLAS)
    if kernel:
        client.set_tag(run.info.run_id, BLAS, kernel)
    try:
        yield run.info.run_id
    finally:
        client.set_tag(run.info.run_id, BLAS, run.data.tags[BLAS])


@pytest.mark.slow
def test_a_finished_run_of_another_kernel_is_looked_up_with_a_line_that_says_so(folder: Path) -> None:
    with made_by(folder, OTHER):
        assert SAID in run_nnexp(folder, *SETTINGS).stdout


@pytest.mark.slow
def test_a_finished_run_that_does_not_say_its_kernel_is_looked_up_without_a_word(folder: Path) -> None:
    with made_by(folder, None):
        done = run_nnexp(folder, *SETTINGS)
    assert "is finished already" in done.stdout
    assert "last bit" not in done.stdout


@pytest.mark.slow
def test_a_finished_run_of_this_kernel_is_looked_up_without_a_word(folder: Path) -> None:
    assert "last bit" not in run_nnexp(folder, *SETTINGS).stdout


@pytest.mark.slow
def test_a_sweeps_plan_says_how_many_runs_another_kernel_has_made(folder: Path) -> None:
    with made_by(folder, OTHER):
        done = run_nnexp(folder, "-m", *SETTINGS, "seed=0,1", "sweep.plan=true")
    assert f"1 done before may not be what this machine gives, {SAID}" in done.stdout


def test_verify_names_the_kernel(folder: Path) -> None:
    with made_by(folder, OTHER) as run_id:
        said = nnexp(folder, "verify", run_id).stdout
    assert f"version.blas: was {OTHER}, is {blas()}" in said  # all of it is loaded by now


def test_what_a_process_runs_stays_what_it_has_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    before = provenance.provenance()
    monkeypatch.setenv("PATH", "")  # where git is not found
    monkeypatch.setattr(provenance, "code_hashes", lambda: {"nnexp.code.nn": "edited since"})
    assert provenance.provenance() == before


def test_runs_are_counted_by_what_they_were_made_by() -> None:
    ours = {name: version for name, version in provenance.provenance().items() if name in NUMBERS}
    assert len(ours) == len(NUMBERS)
    assert made_by_others([ours, {}, {"nnexp.version.mlflow": "2.0"}]) == {}
    others = made_by_others([ours | {BLAS: OTHER}, ours | {BLAS: OTHER}, {"nnexp.version.numpy": "1.0"}])
    assert sorted(others.values()) == [1, 2]
    assert any(line.startswith("version.numpy: was 1.0, is ") for line in others)


def test_a_run_that_goes_on_by_another_kernel_names_both() -> None:
    once = continued({BLAS: "a"}, {BLAS: "b", "nnexp.version.numpy": "2"})
    assert once == {BLAS: "a, then b"}
    assert continued(once, {BLAS: "b"}) == {}
    assert continued(once, {BLAS: "a"}) == {BLAS: "a, then b, then a"}


def test_the_blas_of_another_package_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def library(folder: str, kernel: str) -> dict[str, Any]:
        found = {"user_api": "blas", "internal_api": "openblas", "version": "1", "architecture": kernel}
        return found | {"filepath": f"/lib/{folder}/lib.so"}

    loaded = [library("numpy.libs", "Zen"), library("scipy.libs", "Zen"), library("torch", "Haswell")]
    monkeypatch.setattr(provenance, "threadpool_info", lambda: loaded)
    assert blas() == "openblas 1 Zen"
    monkeypatch.setattr(provenance, "threadpool_info", lambda: loaded[2:])
    assert blas() == "openblas 1 Haswell"


@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine() != "x86_64" or "Haswell" in blas() or "openblas" not in blas(),
    reason="needs an OpenBLAS that can be told another kernel than it has chosen",
)
def test_another_kernel_makes_another_run_of_the_same_key_which_is_said_when_it_is_looked_up(tmp_path: Path) -> None:
    give_store(tmp_path)
    made = run_new(tmp_path, *SETTINGS, OPENBLAS_CORETYPE="Haswell")
    assert made.returncode == 0, made.stderr
    found = run_new(tmp_path, *SETTINGS)
    assert "is finished already" in found.stdout
    assert "to the last bit: version.blas: was openblas" in found.stdout
    assert "Haswell" in found.stdout


# The git repository.


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_git_tags_name_the_commit_of_a_clean_tree(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    assert git_tags(repository) == {"mlflow.source.git.commit": head, "nnexp.git.dirty": "false"}


def test_git_tags_tell_a_dirty_tree(repository: Path) -> None:
    (repository / "code.py").write_text("2\n")
    assert git_tags(repository)["nnexp.git.dirty"] == "true"


def test_outside_of_git_there_are_no_git_tags(tmp_path: Path) -> None:
    assert git_tags(tmp_path) == {}


def test_another_numba_makes_other_machine_code_and_is_told() -> None:
    ours = provenance.provenance()
    assert ours["nnexp.version.numba"] == version("numba")
    (line,) = made_by_others([ours | {"nnexp.version.numba": "0.1"}])
    assert line == f"version.numba: was 0.1, is {version('numba')}"

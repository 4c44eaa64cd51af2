"""A run never stops, slows or loses anything because of its server: the server is down, stuck, ill, slow, or killed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import free_port, line_of, rest_of, started, wait_until
from running import environment, run_new
from servers import Between, TeamServer, between, team_server

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WORDS = ("tracking=server", "data=digits", "sizes=[64,10]", "pictures=false")
LONG = "epochs=3000"  # some seconds
AWAY = "not to be reached"


@pytest.fixture(scope="module")
def server() -> Iterator[TeamServer]:
    with team_server() as running:
        yield running


@pytest.fixture
def program(server: TeamServer) -> Iterator[Between]:
    with between(server.address) as listening:
        yield listening


def words(request: pytest.FixtureRequest, *more: str) -> tuple[str, ...]:
    """The words of a command whose runs are filed under the test's own name."""
    return (*WORDS, f"tracking.experiment={experiment(request)}", *more)


def experiment(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name)


def nnexp(folder: Path, login: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nnexp.cli", *words]
    return subprocess.run(command, cwd=folder, env=environment() | login, capture_output=True, text=True, check=False)


def on_server(folder: Path, login: dict[str, str], request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """The epochs and the status of each run that the server has, the last first."""
    listed = nnexp(folder, login, "runs", "--json", "--experiment", experiment(request))
    assert listed.returncode == 0, listed.stderr
    return [(row["epochs"], row["status"]) for row in json.loads(listed.stdout)["runs"]]


@pytest.mark.parametrize("how", ["down", "ill", "slow", "stuck"])
def test_a_run_whose_server_is_so_at_its_start_trains_and_the_next_run_brings_it_there(
    server: TeamServer, program: Between, tmp_path: Path, request: pytest.FixtureRequest, how: str
) -> None:
    login = server.login | {"MLFLOW_TRACKING_URI": program.address}
    back: Callable[[], None] = lambda: None  # noqa: E731
    marks = program.address
    if how == "down":
        login["MLFLOW_TRACKING_URI"] = marks = f"http://127.0.0.1:{free_port()}"
    elif how == "ill":
        program.status = 500
    elif how == "slow":
        program.delay = 0.5
    else:
        server.freeze()
        back = server.thaw
    try:
        done = run_new(tmp_path, *words(request, "epochs=2"), **login)
    finally:
        back()
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert (said.count(AWAY), said.count(f"not on {marks} yet: 1 run that ended")) == (1, 1)
    program.status, program.delay = 0, 0.0
    login["MLFLOW_TRACKING_URI"] = program.address
    again = run_new(tmp_path, *words(request, "epochs=3"), **login)
    assert again.returncode == 0, again.stderr
    if how == "down":  # it was for another address, whose runs are brought by name
        assert nnexp(tmp_path, login, "sync", "--experiment", experiment(request)).returncode == 0
    assert sorted(on_server(tmp_path, server.login, request)) == [("2", "FINISHED"), ("3", "FINISHED")]


@pytest.mark.parametrize("how", ["killed", "stuck", "ill"])
def test_a_run_goes_on_while_its_server_is_so_and_is_there_in_the_end(
    server: TeamServer, program: Between, tmp_path: Path, request: pytest.FixtureRequest, how: str
) -> None:
    login = server.login | {"MLFLOW_TRACKING_URI": program.address}
    with started(tmp_path, *words(request, LONG), login=login) as process:
        line_of(process, "epoch    1/")
        wait_until(lambda: program.asked > 10, "the run on the server")
        if how == "killed":
            server.kill()
        elif how == "stuck":
            server.freeze()
        else:
            program.status = 500
        said = rest_of(process)
        assert process.returncode == 0, said
        if how == "killed":
            wait_until(lambda: server.answers, "the server again")
        elif how == "stuck":
            server.thaw()
        program.status = 0
    assert nnexp(tmp_path, login, "sync", "--experiment", experiment(request)).returncode == 0
    assert on_server(tmp_path, login, request) == [("3000", "FINISHED")]


def test_a_server_that_comes_back_while_a_run_trains_has_it_when_the_run_ends(
    server: TeamServer, program: Between, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    login = server.login | {"MLFLOW_TRACKING_URI": program.address}
    program.status = 500
    with started(tmp_path, *words(request, LONG), login=login) as process:
        line_of(process, "epoch    1/")
        program.status = 0
        said = rest_of(process)
    assert process.returncode == 0, said
    assert f"look    {program.address}/#/experiments/" in said
    assert on_server(tmp_path, login, request) == [("3000", "FINISHED")]


def test_a_run_of_another_machine_is_fetched_not_trained_again(
    server: TeamServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    run_new(one, *words(request, "epochs=2"), **server.login)
    done = run_new(other, *words(request, "epochs=2"), **server.login)
    assert "finished already" in done.stdout
    assert on_server(other, server.login, request) == [("2", "FINISHED")]


def test_a_sweep_and_its_summary_are_on_the_server_when_it_ends(
    server: TeamServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = run_new(tmp_path, "-m", *words(request, "epochs=1,2", "sweep.name=two"), **server.login)
    assert done.returncode == 0, done.stderr
    assert sorted(on_server(tmp_path, server.login, request)) == [("1", "FINISHED"), ("2", "FINISHED")]
    told = nnexp(tmp_path, server.login, "compare", "two", "--experiment", experiment(request))
    assert told.returncode == 0, told.stderr


def test_a_wrong_password_is_told_before_anything_is_written(
    server: TeamServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = run_new(tmp_path, *words(request), **server.login | {"MLFLOW_TRACKING_PASSWORD": "another-password"})
    assert done.returncode == 2
    assert f"{server.address}: the server refuses access (401)" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_in_no_file_that_runs_leave(
    server: TeamServer, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    secret = server.secret("admin")
    login = {"MLFLOW_TRACKING_URI": server.address.replace("://", f"://admin:{secret}@")}
    done = run_new(tmp_path, *words(request, "epochs=2"), **login)
    assert done.returncode == 0, done.stderr
    texts = {str(file): file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()}
    texts |= {"output": done.stdout + done.stderr, "tables": server.tables()}
    assert [place for place, text in texts.items() if secret in text] == []

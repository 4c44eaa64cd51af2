"""A team's server as scripts/server/start starts it: it remembers, it listens here alone, and it tells no secret."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from processes import gone, wait_until
from running import PATIENCE, environment, run_new
from servers import SCRIPTS, TeamServer, started_server, team_server

pytestmark = [pytest.mark.integration, pytest.mark.slow]

WORDS = ("tracking=server", "data=digits", "sizes=[64,10]", "epochs=2", "pictures=false")


@pytest.fixture(scope="module")
def server() -> Iterator[TeamServer]:
    with team_server() as started:
        yield started


@pytest.fixture(scope="module")
def trained(server: TeamServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a command that has trained a run, remembered by the server."""
    folder = tmp_path_factory.mktemp("trained")
    done = run_new(folder, *WORDS, **server.login)
    assert done.returncode == 0, done.stderr
    (folder / "output").write_text(done.stdout + done.stderr)
    return folder


def test_the_same_command_again_finds_the_run(server: TeamServer, trained: Path) -> None:
    assert "finished already" in run_new(trained, *WORDS, **server.login).stdout


def test_no_secret_is_in_a_file_a_table_a_log_or_a_process_list(server: TeamServer, trained: Path) -> None:
    commands = "".join(
        file.read_text(errors="replace") for file in Path("/proc").glob("[0-9]*/cmdline") if readable(file)
    )
    texts = {"tables": server.tables(), "commands": commands}
    kept = [server.folder / name for name in ("secrets", "auth.ini", "postgres")]
    for place in (trained, server.folder):
        files = (file for file in place.rglob("*") if file.is_file() and not any(map(file.is_relative_to, kept)))
        texts |= {str(file): file.read_text(errors="replace") for file in files}
    assert len(texts) > 10
    assert [(place, secret) for place, text in texts.items() for secret in server.secrets if secret in text] == []


def readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:  # it has ended meanwhile
        return False


def test_its_secrets_are_for_its_owner_alone(server: TeamServer) -> None:
    files = [*(server.folder / "secrets").iterdir(), server.folder / "auth.ini"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_it_listens_on_this_machine_alone(server: TeamServer) -> None:
    sockets = []
    for process in server.processes():
        with suppress(psutil.NoSuchProcess):  # the database has some that end soon
            sockets += process.net_connections("inet")
    listening = {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_a_doctor_finds_nothing_to_cure(server: TeamServer, trained: Path) -> None:
    found = json.loads(doctor(trained, server.login).stdout)["findings"]
    assert [each for each in found if each["cure"]] == []
    assert "there" in next(each["said"] for each in found if each["check"] == "version")


def test_a_doctor_who_is_not_let_in_says_where_a_password_belongs(server: TeamServer, trained: Path) -> None:
    done = doctor(trained, server.login | {"MLFLOW_TRACKING_PASSWORD": "another-password"})
    (finding, *_) = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert finding["said"] == f"{server.address}: the server refuses access (401)"
    assert "MLFLOW_TRACKING_PASSWORD" in finding["cure"]


def doctor(folder: Path, login: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`nnexp doctor --json` by somebody with this login, on a machine where nobody else has left anything."""
    words = [sys.executable, "-m", "nnexp.cli", "doctor", "--json"]
    (temporary := folder / "temporary").mkdir(exist_ok=True)
    told = environment() | login | {"TMPDIR": str(temporary)}
    return subprocess.run(words, cwd=folder, env=told, capture_output=True, text=True, check=False)


def test_a_password_is_asked_for(server: TeamServer, tmp_path: Path) -> None:
    done = run_new(tmp_path, *WORDS, MLFLOW_TRACKING_URI=server.address)
    assert done.returncode == 2
    assert f"{server.address}: the server refuses access (401)" in done.stderr


def test_a_backup_holds_the_runs_the_users_and_the_artifacts(server: TeamServer, trained: Path, tmp_path: Path) -> None:
    subprocess.run([SCRIPTS / "backup", server.folder, tmp_path], check=True, capture_output=True)
    (backup,) = tmp_path.iterdir()
    listed = [
        subprocess.run(["pg_restore", "-f-", backup / name], capture_output=True, text=True, check=True).stdout
        for name in ("mlflow.dump", "auth.dump")
    ]
    assert "COPY public.runs" in listed[0]
    assert "64-10 eta=3" in listed[0]
    assert "COPY public.users" in listed[1]
    names = subprocess.run(["tar", "-tzf", backup / "artifacts.tar.gz"], capture_output=True, text=True, check=True)
    assert "weights.npz" in names.stdout


def test_after_it_was_killed_it_starts_again_and_has_its_runs(server: TeamServer, trained: Path) -> None:
    before = server.mlflow
    server.kill()
    wait_until(lambda: server.mlflow != before and server.answers, "the server again")
    assert "finished already" in run_new(trained, *WORDS, **server.login).stdout


def test_its_end_leaves_no_process_and_another_start_has_its_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    with team_server() as first:
        folder, login = tmp_path_factory.mktemp("again"), first.login
        run_new(folder, *WORDS, **login)
        processes = [each.pid for each in first.processes()]
        first.process.terminate()
        first.process.wait(PATIENCE)
        assert all(map(gone, processes))
        with started_server(first.folder, int(first.address.rpartition(":")[2])):
            assert "finished already" in run_new(folder, *WORDS, **login).stdout

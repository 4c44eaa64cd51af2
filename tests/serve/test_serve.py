"""`nnexp serve`: both servers, as the command starts them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from commands import client_of, nnexp
from processes import descendants, free_port, gone, started
from running import environment, give_store, run_nnexp

POST = "POST /look HTTP/1.1\nHost: {}\nContent-Type: application/octet-stream\n"


def free_ports() -> list[str]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [str(each.getsockname()[1]) for each in (one, other)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of small digits, whose model carries code that would tell if it were run."""
    folder = give_store(tmp_path_factory.mktemp("serve"))
    done = run_nnexp(folder, "experiments=quick", "epochs=3")
    assert done.returncode == 0, done.stderr
    (code,) = folder.glob("mlruns/*/models/*/artifacts/code/nnexp.zip")
    with ZipFile(code) as archive:
        modules = {name: archive.read(name).decode() for name in archive.namelist()}
    assert modules
    with ZipFile(code, "w") as archive:
        for name, text in modules.items():
            archive.writestr(name, f"{text}\nopen({str(folder / 'was-run')!r}, 'w').close()\n")
    return folder


HEARING = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # else not heard under nohup,
signal.signal(signal.SIGINT, signal.default_int_handler)  # and not in the background of a script
from nnexp.cli import main
main()
"""


def serving(run_id: str, model_port: str, port: str) -> list[str]:
    return ["serve", run_id, "--model-port", model_port, "--port", port]


def serve(folder: Path, run_id: str, *ports: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEARING, *serving(run_id, *ports)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_id_in(folder: Path) -> str:
    return next(folder.glob("mlruns/*/*/artifacts/weights.npz")).parent.parent.name


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_both_servers_answer_and_end_together(folder: Path, how: signal.Signals) -> None:
    ports = free_ports()
    server = serve(folder, run_id_in(folder), *ports)
    assert server.stdout
    assert server.stdout.readline() == f"page   http://127.0.0.1:{ports[1]}/\n"
    assert server.stdout.readline().startswith(f"model  http://127.0.0.1:{ports[0]}/invocations")
    assert server.stdout.readline() == "model  ready; Ctrl-C ends both\n"
    connection = http.client.HTTPConnection("127.0.0.1", int(ports[0]), timeout=10)
    connection.request(
        "POST", "/invocations", json.dumps({"inputs": [[0.0] * 64]}), {"Content-Type": "application/json"}
    )
    assert len(json.load(connection.getresponse())["predictions"][0]) == 10
    connection.close()
    children = descendants(server.pid)
    assert children
    os.kill(server.pid, how)
    _, errors = server.communicate(timeout=120)
    assert (server.returncode, errors) == (0, "")
    assert all(gone(pid) for pid in children)
    assert not (folder / "was-run").exists()


@pytest.mark.slow
def test_the_model_server_has_the_port_after_the_pages(folder: Path) -> None:
    port = free_port()
    with started(folder, "serve", run_id_in(folder), "--port", str(port), module="nnexp.cli") as server:
        assert server.stdout
        lines = [server.stdout.readline() for _ in range(2)]
    assert lines[0] == f"page   http://127.0.0.1:{port}/\n"
    assert lines[1].startswith(f"model  http://127.0.0.1:{port + 1}/invocations")


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_clients_that_wait_and_mlflows_ui_do_not_keep_it_from_ending(folder: Path, how: signal.Signals) -> None:
    ports = free_ports()
    server = serve(folder, run_id_in(folder), *ports)
    assert server.stdout
    lines = [server.stdout.readline() for _ in range(3)]
    assert lines[-1] == "model  ready; Ctrl-C ends both\n"
    clients = [socket.create_connection(("127.0.0.1", int(port)), timeout=30) for port in ports]
    clients[0].sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[")
    clients[1].sendall(f"{POST.replace('{}', f'127.0.0.1:{ports[1]}')}Content-Length: 100\n\n[".encode())
    with socket.create_connection(("127.0.0.1", int(ports[1])), timeout=30) as asking:
        asking.sendall(f"GET /run HTTP/1.1\r\nHost: 127.0.0.1:{ports[1]}\r\n\r\n".encode())
        assert asking.recv(100)
    children = descendants(server.pid)
    assert len(children) > 1
    os.kill(server.pid, how)
    _, errors = server.communicate(timeout=4)  # two seconds, and as many for a machine that has other things to do
    assert (server.returncode, errors) == (0, "")
    assert all(gone(pid) for pid in children)
    for client in clients:
        client.close()


@pytest.mark.slow
def test_a_model_server_that_dies_ends_the_command_with_its_last_words(folder: Path) -> None:
    server = serve(folder, run_id_in(folder), *free_ports())
    assert server.stdout
    for _ in range(3):
        server.stdout.readline()
    os.kill(descendants(server.pid)[0], signal.SIGKILL)
    _, errors = server.communicate(timeout=120)
    assert server.returncode == 2
    assert errors.startswith("mlflow models serve ended with exit code -9; its last lines:\n")
    assert "Traceback" not in errors


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow 3.17 calls what SQLAlchemy 2.1 calls deprecated
def test_ports_and_runs_that_can_not_be_are_errors(folder: Path) -> None:
    (taken, other), run_id = free_ports(), run_id_in(folder)
    client_of(folder)  # imports MLflow without its warnings
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(taken)))
        listener.listen()
        for words, message in (
            (
                (run_id, taken, other),
                f"--model-port: got {taken}, expected one that is free (Address already in use): ",
            ),
            ((run_id, other, taken), f"--port: got {taken}, expected one that is free (Address already in use): "),
            ((run_id, other, other), f"--model-port: got {other}, expected another than --port"),
            (("none", other, other), "run: got 'none', expected the id of one run"),
        ):
            done = nnexp(folder, *serving(*words))
            assert done.returncode == 2
            assert done.stderr.startswith(message)
            assert len(done.stderr.splitlines()) == 1

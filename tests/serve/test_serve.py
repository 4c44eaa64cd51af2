"""`nnexp serve`: the page's server, what it answers and what it refuses, and both servers together."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from running import environment, give_store, run_nnexp

from nnexp.data.sources.mnist import Mnist
from nnexp.errors import UsageError
from nnexp.nn.network import Network
from nnexp.predict.answers import answers
from nnexp.predict.images import Image
from nnexp.predict.preparation import MNIST, whole
from nnexp.predict.trained import Trained
from nnexp.runtime.child_process import child
from nnexp.serve.page import LARGEST_BODY, PageServer
from nnexp.serve.viewer import Viewer

TOLD = {"name": "784-30-10", "test_accuracy": 0.95, "sizes": "[784,30,10]", "eta": "3.0"}
OCTETS = {"Content-Type": "application/octet-stream"}


def viewer(network: Network, data: str = "mnist", model_port: int = 9) -> Viewer:
    run: Any = SimpleNamespace(id="abc", facts=lambda: TOLD)
    return Viewer(run, Trained(network, data), model_port)


@pytest.fixture(scope="module")
def network() -> Network:
    return Network([784, 30, 20, 10], rng=0)


@pytest.fixture(scope="module")
def page(network: Network) -> Iterator[PageServer]:
    """The server, on a free port; nothing listens where it looks for the model server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    addresses = iter([None, "http://127.0.0.1:5000/#/run"])
    with PageServer(viewer(network, model_port=nobody), 0, lambda: next(addresses)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def ask(page: PageServer, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", page.server_port, timeout=5)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def look(page: PageServer, drawing: Any, path: str = "/look") -> dict[str, Any]:
    answer, body = ask(page, "POST", path, drawing.tobytes(), Content_Type="application/octet-stream")
    assert answer.status == 200, body
    return dict(json.loads(body))


@pytest.fixture(scope="module")
def drawing() -> Any:
    """A seven on a sheet of 300 x 300."""
    sheet = np.zeros((300, 300), np.uint8)
    sheet[20:160, 100:240] = Mnist().load().test.x[0].reshape(28, 28).repeat(5, axis=0).repeat(5, axis=1)
    return sheet


def test_a_look_is_what_predict_gives_and_every_layer(page: PageServer, network: Network, drawing: Any) -> None:
    said = look(page, drawing)
    (expected,) = answers(network, [Image("x", drawing)], MNIST)
    assert said["saw"] == MNIST(drawing).ravel().tolist()
    assert said["label"] == expected.ranked[0]
    np.testing.assert_allclose(said["outputs"], expected.outputs, atol=1e-5)
    np.testing.assert_allclose(said["probabilities"], expected.probabilities, atol=1e-5)
    assert [len(layer) for layer in said["hidden"]] == [30, 20]


def test_an_empty_sheet_is_blank(page: PageServer) -> None:
    assert look(page, np.zeros((10, 10), np.uint8)) == {"blank": True}
    assert look(page, np.zeros((10, 10), np.uint8), "/served") == {"blank": True}


def test_a_model_server_that_is_not_there_yet_is_starting(page: PageServer, drawing: Any) -> None:
    assert look(page, drawing, "/served") == {"starting": True}


def test_the_facts_tell_the_run_and_how_to_ask(page: PageServer) -> None:
    facts = json.loads(ask(page, "GET", "/facts")[1])
    assert (facts["id"], facts["name"], facts["test_accuracy"]) == ("abc", "784-30-10", 0.95)
    assert facts["settings"] == [["sizes", "[784,30,10]"], ["eta", "3.0"]]
    assert facts["curl"].startswith(f"curl {facts['model_server']}")


def test_the_weights_are_the_first_layers(page: PageServer, network: Network) -> None:
    _, raw = ask(page, "GET", "/weights")
    assert np.array_equal(np.frombuffer(raw, "<f4").reshape(30, 784), network.weights[0])


def test_the_run_is_waited_for_and_then_led_to(page: PageServer) -> None:
    answer, body = ask(page, "GET", "/run")
    assert (answer.status, b'http-equiv="refresh"' in body) == (200, True)
    answer, _ = ask(page, "GET", "/run")
    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:5000/#/run")


def test_the_page_loads_nothing_from_elsewhere(page: PageServer) -> None:
    answer, body = ask(page, "GET", "/")
    text = body.decode()
    assert re.findall(r"https?://[^\s\"']+", text) == []
    assert re.findall(r'(?:src|href)="(.*?)"', text) == ["data:,", "/run"]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_it_listens_on_the_loopback_alone(page: PageServer) -> None:
    assert page.socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("GET", "http://evil.example/", {}, 421),
        ("POST", "/look", OCTETS | {"Transfer-Encoding": "chunked"}, 501),
        ("GET", "/facts", {"Host": "127.0.0.1"}, 421),
        ("GET", "/facts", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/look", OCTETS | {"Origin": "http://evil.example"}, 403),
        ("POST", "/look", OCTETS | {"Origin": "null"}, 403),
        ("POST", "/look", {"Content-Type": "text/plain"}, 415),
        ("POST", "/look", OCTETS | {"Content-Length": "-1"}, 411),
        ("POST", "/look", OCTETS | {"Content-Length": str(LARGEST_BODY + 1)}, 413),
        ("POST", "/look", OCTETS | {"Content-Length": "9" * 5000}, 413),
        ("POST", "/look", OCTETS, 400),
        ("POST", "/", OCTETS, 404),
        ("GET", "/look", {}, 404),
        ("GET", "/../page.py", {}, 404),
        ("GET", "/%2e%2e/page.py", {}, 404),
        ("GET", "//etc/passwd", {}, 404),
        ("DELETE", "/", {}, 501),
    ],
)
def test_what_is_not_meant_for_it_is_refused(
    page: PageServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page.server_port, timeout=5)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in ({"Content-Length": "3"} | headers).items():
        connection.putheader(name, value)
    connection.endheaders(b"abc")
    assert connection.getresponse().status == status
    connection.close()


def said_to(page: PageServer, head: str, body: bytes = b"") -> int:
    """The status of the answer to a request as it is typed here."""
    with socket.create_connection(("127.0.0.1", page.server_port), timeout=5) as client:
        client.sendall(
            "\r\n".join([*head.replace("{}", f"127.0.0.1:{page.server_port}").splitlines(), "", ""]).encode() + body
        )
        client.shutdown(socket.SHUT_WR)
        return int(client.makefile("rb").readline().split()[1])


POST = "POST /look HTTP/1.1\nHost: {}\nContent-Type: application/octet-stream\n"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /facts HTTP/1.1\nHost: {}", 200),
        ("GET /facts HTTP/1.1\nHost: {}\nHost: evil.example", 400),
        ("GET /facts HTTP/1.1\nHost: evil.example\nHost: {}", 400),
        ("GET /facts HTTP/1.1\nHost: {}\nHost: {}", 400),
        ("GET /facts HTTP/1.1\nHost: {}\nOrigin: http://{}\nOrigin: http://evil.example", 400),
        ("GET /facts HTTP/1.1\nHost: {}, evil.example", 421),
        ("GET /facts HTTP/1.1\nHost: {}\n evil.example", 421),
        ("GET /facts HTTP/1.1\nHost: {}@evil.example", 421),
        ("GET /facts HTTP/1.1", 400),
        ("GET http://evil.example/facts HTTP/1.1\nHost: {}", 404),
        (f"{POST}Content-Length: 9\nContent-Length: 4", 400),
        (f"{POST}Content-Length: 9\nTransfer-Encoding: chunked", 501),
        (f"{POST}Content-Length: +9", 411),
        (f"{POST}Content-Length: 100", 400),
        (f"{POST}Content-Length: 9", 200),
    ],
)
def test_a_request_that_says_two_things_is_refused(page: PageServer, head: str, status: int) -> None:
    assert said_to(page, head, bytes(9)) == status


def test_a_client_without_an_origin_is_answered(page: PageServer, drawing: Any) -> None:
    host = f"localhost:{page.server_port}"
    answer, _ = ask(page, "POST", "/look", drawing.tobytes(), Content_Type=OCTETS["Content-Type"], Host=host)
    assert answer.status == 200


def test_many_looks_go_through_one_connection(page: PageServer, drawing: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page.server_port, timeout=5)
    started = time.monotonic()
    for _ in range(20):
        connection.request("POST", "/look", drawing.tobytes(), OCTETS)
        assert json.load(connection.getresponse())["saw"]
    connection.close()
    assert time.monotonic() - started < 2  # 20 waits of 40 ms alone, were head and body two packets, come near


def test_a_port_that_is_taken_is_an_error(page: PageServer, network: Network) -> None:
    with pytest.raises(UsageError, match=rf"--page-port: got {page.server_port}, expected one that is free"):
        PageServer(viewer(network), page.server_port, lambda: None)


def test_other_square_images_are_drawn_as_a_whole_and_others_refused() -> None:
    drawing = np.zeros((90, 90), np.uint8)
    drawing[10:40, 30:80] = 255
    said = viewer(Network([81, 10], rng=0), "npz").look(drawing)
    assert said["saw"] == whole(drawing, 9).ravel().tolist()
    assert said["hidden"] == []
    for inputs in (4, 50, 3072):
        with pytest.raises(UsageError, match=rf"its network has {inputs} inputs, expected a square grey image's"):
            viewer(Network([inputs, 10], rng=0), "npz")


@pytest.mark.parametrize("deaf", ["", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"])
def test_a_child_and_what_it_has_started_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: str) -> None:
    told, stubborn = tmp_path / "told", tmp_path / "stubborn"
    stubborn.write_text(
        f"{deaf}import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"with open({str(told)!r}, 'w') as file:\n    file.write(f'{{inner.pid}} ')\n"
        "time.sleep(60)\n"
    )
    popen = subprocess.Popen
    monkeypatch.setattr(
        "nnexp.runtime.child_process.subprocess.Popen", lambda words, **how: popen([sys.executable, *words[3:]], **how)
    )
    end = time.monotonic() + 10
    with child([str(stubborn)], {}, subprocess.DEVNULL) as server:
        while not (told.exists() and told.read_text().endswith(" ")):
            assert time.monotonic() < end, "it did not start"
            time.sleep(0.02)
        inner = int(told.read_text())
        assert not gone(inner)
    assert server.poll() is not None
    while not gone(inner):
        assert time.monotonic() < end, "the inner process is left"
        time.sleep(0.02)


# Both servers, as the command starts them.


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
    (served,) = folder.glob("mlruns/*/models/*/artifacts/code/nnexp/track/served.py")
    served.write_text(f"open({str(folder / 'was-run')!r}, 'w').close()\n{served.read_text()}")
    return folder


HEARING = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # else not heard under nohup,
signal.signal(signal.SIGINT, signal.default_int_handler)  # and not in the background of a script
from nnexp.cli import main
main()
"""


def serve(folder: Path, run_id: str, *ports: str) -> subprocess.Popen[str]:
    words = ["serve", run_id, "--port", ports[0], "--page-port", ports[1]]
    return subprocess.Popen(
        [sys.executable, "-c", HEARING, *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_id_in(folder: Path) -> str:
    return next(folder.glob("mlruns/*/*/artifacts/weights.npz")).parent.parent.name


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in found.splitlines()]
    direct = [child for child, parent in pairs if parent == pid]
    return direct + [each for child in direct for each in children_of(child)]


def gone(pid: int) -> bool:
    try:
        return not Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True


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
    started = children_of(server.pid)
    assert started
    os.kill(server.pid, how)
    _, errors = server.communicate(timeout=120)
    assert (server.returncode, errors) == (0, "")
    assert all(gone(pid) for pid in started)
    assert not (folder / "was-run").exists()


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
    started = children_of(server.pid)
    assert len(started) > 1
    os.kill(server.pid, how)
    _, errors = server.communicate(timeout=4)  # two seconds, and as many for a machine that has other things to do
    assert (server.returncode, errors) == (0, "")
    assert all(gone(pid) for pid in started)
    for client in clients:
        client.close()


@pytest.mark.slow
def test_a_model_server_that_dies_ends_the_command_with_its_last_words(folder: Path) -> None:
    server = serve(folder, run_id_in(folder), *free_ports())
    assert server.stdout
    for _ in range(3):
        server.stdout.readline()
    os.kill(children_of(server.pid)[0], signal.SIGKILL)
    _, errors = server.communicate(timeout=120)
    assert server.returncode == 2
    assert errors.startswith("mlflow models serve ended with exit code -9; it said last:\n")
    assert "Traceback" not in errors


@pytest.mark.slow
def test_ports_and_runs_that_can_not_be_are_errors(folder: Path) -> None:
    (taken, other), run_id = free_ports(), run_id_in(folder)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", int(taken)))
        listener.listen()
        messages = [
            (serve(folder, run_id, taken, other), f"--port: got {taken}, expected one that is free"),
            (serve(folder, run_id, other, taken), f"--page-port: got {taken}, expected one that is free"),
            (serve(folder, run_id, other, other), f"--page-port: got {other}, expected another than --port"),
            (serve(folder, "none", other, other), "run: got 'none', expected the id of one run"),
        ]
        for process, message in messages:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 2
            assert errors.startswith(message)
            assert len(errors.splitlines()) == 1

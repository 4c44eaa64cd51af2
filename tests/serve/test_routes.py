"""The page of `nnexp serve`: what its server answers, and what it refuses."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from nnexp.data.sources.mnist import Mnist
from nnexp.errors import UsageError
from nnexp.nn.network import Network
from nnexp.predict.answers import answers
from nnexp.predict.images import Image
from nnexp.predict.preparation import MNIST, whole
from nnexp.predict.trained import Trained
from nnexp.serve.routes import LARGEST_BODY
from nnexp.serve.viewer import Viewer
from nnexp.serve.web_server import page_server
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.tags import KEY

PARAMS = {"activation.slope": "0.1", "activation": "leaky_relu", "eta": "3.0", "sizes": "[784,30,10]", "resume": "auto"}
METRICS = {"test_accuracy": 0.95, "test_accuracy_at_best_validation": 0.96}
OCTETS = {"Content-Type": "application/octet-stream"}


def viewer(network: Network, data: str = "mnist", model_port: int = 9, **params: str) -> Viewer:
    store: Any = None
    run = StoredRun(store, "abc", "784-30-10", "FINISHED", 0, 1, {KEY: "its key"}, PARAMS | params, METRICS)
    return Viewer(run, 5, Trained(network, data), model_port)


@pytest.fixture(scope="module")
def network() -> Network:
    return Network([784, 30, 20, 10], rng=0)


@pytest.fixture(scope="module")
def page(network: Network) -> Iterator[int]:
    """The server, on a free port; nothing listens where it looks for the model server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    addresses = iter([None, "http://127.0.0.1:5000/#/run"])
    with page_server(viewer(network, model_port=nobody), 0, lambda: next(addresses)) as port:
        yield port


def ask(page: int, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", page, timeout=5)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def look(page: int, drawing: Any, path: str = "/look") -> dict[str, Any]:
    answer, body = ask(page, "POST", path, drawing.tobytes(), Content_Type="application/octet-stream")
    assert answer.status == 200, body
    return dict(json.loads(body))


@pytest.fixture(scope="module")
def drawing() -> Any:
    """A seven on a sheet of 300 x 300."""
    sheet = np.zeros((300, 300), np.uint8)
    sheet[20:160, 100:240] = Mnist().load().test.x[0].reshape(28, 28).repeat(5, axis=0).repeat(5, axis=1)
    return sheet


def test_a_look_is_what_predict_gives_and_every_layer(page: int, network: Network, drawing: Any) -> None:
    said = look(page, drawing)
    (expected,) = answers(network, [Image("x", drawing)], MNIST)
    assert said["saw"] == MNIST(drawing).ravel().tolist()
    assert said["label"] == expected.ranked[0]
    np.testing.assert_allclose(said["outputs"], expected.outputs, atol=1e-5)
    np.testing.assert_allclose(said["probabilities"], expected.probabilities, atol=1e-5)
    assert [len(layer) for layer in said["hidden"]] == [30, 20]


def test_an_empty_sheet_is_blank(page: int) -> None:
    assert look(page, np.zeros((10, 10), np.uint8)) == {"blank": True}
    assert look(page, np.zeros((10, 10), np.uint8), "/served") == {"blank": True}


def test_a_model_server_that_is_not_there_yet_is_starting(page: int, drawing: Any) -> None:
    assert look(page, drawing, "/served") == {"starting": True}


def test_the_facts_tell_the_run_and_how_to_ask(page: int) -> None:
    facts = json.loads(ask(page, "GET", "/facts")[1])
    assert (facts["id"], facts["name"]) == ("abc", "784-30-10")
    assert (facts["epoch"], facts["test_accuracy"]) == (5, 0.95)
    assert facts["curl"].startswith(f"curl {facts['model_server']}")


def test_the_facts_have_every_setting_that_counts_in_the_order_of_their_declaration(network: Network) -> None:
    settings = viewer(network, optimiser="momentum", **{"optimiser.momentum": "0.5"}).facts()["settings"]
    assert settings == [
        ["sizes", "[784,30,10]"],
        ["eta", "3.0"],
        ["train_size", "null"],
        ["balanced", "False"],
        ["label_noise", "0.0"],
        ["standardise", "False"],
        ["augment", "none"],
        ["activation", "leaky_relu"],
        ["activation.layers", "[]"],
        ["activation.slope", "0.1"],
        ["optimiser", "momentum"],
        ["optimiser.momentum", "0.5"],
        ["regulariser", "none"],
        ["average", "none"],
        ["schedule", "constant"],
        ["schedule.warm_up", "0"],
        ["stopping", "never"],
        ["stopping.restore_best", "False"],
        ["dropout", "0"],
        ["engine", "numpy"],
        ["monitor", "[]"],
    ]


def test_the_accuracy_is_that_of_the_best_epoch_where_the_run_ended_with_its_weights(network: Network) -> None:
    assert viewer(network, stopping="no_improvement").facts()["test_accuracy"] == 0.96
    assert viewer(network, stopping="never").facts()["test_accuracy"] == 0.95
    asked = viewer(network, stopping="never", **{"stopping.restore_best": "True"})
    assert asked.facts()["test_accuracy"] == 0.96


def test_the_weights_are_the_first_layers(page: int, network: Network) -> None:
    _, raw = ask(page, "GET", "/weights")
    assert np.array_equal(np.frombuffer(raw, "<f4").reshape(30, 784), network.weights[0])


def test_the_run_is_waited_for_and_then_led_to(page: int) -> None:
    answer, body = ask(page, "GET", "/run")
    assert (answer.status, b'http-equiv="refresh"' in body) == (200, True)
    answer, _ = ask(page, "GET", "/run")
    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:5000/#/run")


def test_the_page_loads_nothing_from_elsewhere(page: int) -> None:
    answer, body = ask(page, "GET", "/")
    text = body.decode()
    assert re.findall(r"https?://[^\s\"']+", text) == []
    assert re.findall(r'(?:src|href)="(.*?)"', text) == ["data:,", "/run"]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy


def test_it_listens_on_the_loopback_alone(page: int) -> None:
    listening = [each for each in psutil.Process().net_connections() if each.status == psutil.CONN_LISTEN]
    assert {each.laddr.ip for each in listening if each.laddr.port == page} == {"127.0.0.1"}


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
        ("POST", "/look", OCTETS | {"Content-Length": "-1"}, 400),
        ("POST", "/look", OCTETS | {"Content-Length": str(LARGEST_BODY + 1)}, 413),
        ("POST", "/look", OCTETS | {"Content-Length": "9" * 5000}, 400),
        ("POST", "/look", OCTETS, 400),
        ("POST", "/", OCTETS, 405),
        ("GET", "/look", {}, 405),
        ("GET", "/../page.py", {}, 404),
        ("GET", "/%2e%2e/page.py", {}, 404),
        ("GET", "//etc/passwd", {}, 404),
        ("DELETE", "/", {}, 405),
    ],
)
def test_what_is_not_meant_for_it_is_refused(
    page: int, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page, timeout=5)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in ({"Content-Length": "3"} | headers).items():
        connection.putheader(name, value)
    connection.endheaders(b"abc")
    assert connection.getresponse().status == status
    connection.close()


def said_to(page: int, head: str, body: bytes = b"") -> int:
    """The status of the answer to a request as it is typed here."""
    with socket.create_connection(("127.0.0.1", page), timeout=5) as client:
        client.sendall("\r\n".join([*head.replace("{}", f"127.0.0.1:{page}").splitlines(), "", ""]).encode() + body)
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
        (f"{POST}Content-Length: +9", 400),
        (POST, 411),
        (f"{POST}Content-Length: 9", 200),
    ],
)
def test_a_request_that_says_two_things_is_refused(page: int, head: str, status: int) -> None:
    assert said_to(page, head, bytes(9)) == status


def test_a_client_that_leaves_while_it_sends_is_no_news(page: int, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_connection(("127.0.0.1", page), timeout=5) as client:
        client.sendall(f"{POST}Content-Length: 100\n\n123".replace("{}", f"127.0.0.1:{page}").encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert ask(page, "GET", "/facts")[0].status == 200
    assert caplog.text == ""


def test_a_bug_is_an_answer_and_told_with_its_traceback(network: Network, caplog: pytest.LogCaptureFixture) -> None:
    def buggy() -> str:
        raise RuntimeError("a bug")

    with page_server(viewer(network), 0, buggy) as port:
        assert ask(port, "GET", "/run")[0].status == 500
        assert ask(port, "GET", "/facts")[0].status == 200
    assert "RuntimeError: a bug" in caplog.text


def test_it_ends_at_once_whoever_is_connected(network: Network) -> None:
    with page_server(viewer(network), 0, lambda: None) as port:
        clients = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(2)]
        clients[0].sendall(f"{POST}Content-Length: 100\n\n123".replace("{}", f"127.0.0.1:{port}").encode())
        assert ask(port, "GET", "/facts")[0].status == 200
    for client in clients:
        with client:
            assert client.recv(1) == b""


def test_a_client_without_an_origin_is_answered(page: int, drawing: Any) -> None:
    host = f"localhost:{page}"
    answer, _ = ask(page, "POST", "/look", drawing.tobytes(), Content_Type=OCTETS["Content-Type"], Host=host)
    assert answer.status == 200


@pytest.mark.slow
def test_many_looks_go_through_one_connection(page: int, drawing: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", page, timeout=5)
    started = time.monotonic()
    for _ in range(20):
        connection.request("POST", "/look", drawing.tobytes(), OCTETS)
        assert json.load(connection.getresponse())["saw"]
    connection.close()
    assert time.monotonic() - started < 2  # 20 waits of 40 ms alone, were head and body two packets, come near


def test_a_port_that_is_taken_is_an_error(page: int, network: Network) -> None:
    with pytest.raises(UsageError, match=rf"--port: got {page}, expected one that is free"):
        page_server(viewer(network), page, lambda: None).__enter__()


def test_other_square_images_are_drawn_as_a_whole_and_others_refused() -> None:
    drawing = np.zeros((90, 90), np.uint8)
    drawing[10:40, 30:80] = 255
    said = viewer(Network([81, 10], rng=0), "npz").look(drawing)
    assert said["saw"] == whole(drawing, 9).ravel().tolist()
    assert said["hidden"] == []
    for inputs in (4, 50, 3072):
        with pytest.raises(UsageError, match=rf"its network has {inputs} inputs, expected a square grey image's"):
            viewer(Network([inputs, 10], rng=0), "npz")

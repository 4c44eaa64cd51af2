"""A server as a child process: what it prints is shown if it fails, and only then."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from processes import free_port

from nnexp.errors import UsageError
from nnexp.runtime.child_process import child
from nnexp.runtime.local_server import LINES_SHOWN, serve

FAILING = "import sys; print('no such table'); print('again', file=sys.stderr); sys.exit(3)"
LONG = "import sys; [print(number) for number in range(1000)]; sys.exit(1)"
SERVER = """
import http.server
print("security text", flush=True)
http.server.test(http.server.SimpleHTTPRequestHandler, port={}, bind="127.0.0.1")
"""


@pytest.fixture(autouse=True)
def handlers_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.runtime.child_process.signal.signal", lambda *_: None)


def run(program: str, port: int) -> None:
    def stop() -> None:
        print("http://127.0.0.1")
        raise KeyboardInterrupt

    serve("a server", partial(child, [sys.executable, "-c", program], {}), f"http://127.0.0.1:{port}/", stop)


def test_a_server_that_fails_says_what_it_printed() -> None:
    with pytest.raises(UsageError) as refused:
        run(FAILING, free_port())
    assert refused.value.lines[0] == "a server ended with exit code 3; its last lines:"
    assert sorted(refused.value.lines[1:]) == ["again", "no such table"]


def test_of_much_that_it_printed_the_end_is_shown() -> None:
    with pytest.raises(UsageError) as refused:
        run(LONG, free_port())
    assert refused.value.lines[1:] == [str(number) for number in range(1000)][-LINES_SHOWN:]


@pytest.mark.slow
def test_of_a_server_that_answers_nothing_is_shown_but_what_we_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_port()
    run(SERVER.format(port), port)
    assert capfd.readouterr() == ("http://127.0.0.1\n", "")

"""A team's tracking server for tests, by the script that teams start theirs with: PostgreSQL and MLflow, with auth."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from processes import free_port, wait_until
from running import PATIENCE, environment

from nnexp.runtime.local_server import answers

SCRIPTS = Path(__file__).parents[1] / "scripts/server"


@dataclass
class TeamServer:
    """A server that runs. process: the script; address: of the server; folder: that keeps all of it."""

    process: subprocess.Popen[str]
    address: str
    folder: Path

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text()

    @property
    def secrets(self) -> list[str]:
        return [self.secret(name) for name in ("admin", "database", "session")]

    @property
    def login(self) -> dict[str, str]:
        """The environment variables of somebody who may use it."""
        return {
            "MLFLOW_TRACKING_URI": self.address,
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": self.secret("admin"),
        }

    @property
    def mlflow(self) -> int:
        """The process, and process group, of `mlflow server`."""
        return int((self.folder / "mlflow.pid").read_text())

    @property
    def answers(self) -> bool:
        return answers(f"{self.address}/health")

    def kill(self) -> None:
        """Kill MLflow, which the script starts again."""
        os.killpg(self.mlflow, signal.SIGKILL)

    def freeze(self) -> None:
        os.killpg(self.mlflow, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.mlflow, signal.SIGCONT)

    def processes(self) -> list[psutil.Process]:
        """The script, and all that it has started, PostgreSQL too."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        pid = (self.folder / "postgres/postmaster.pid").read_text().split()[0]
        database = psutil.Process(int(pid))
        return [*children, database, *database.children()]

    def tables(self) -> str:
        """All that is in its databases."""
        dumps = []
        for name in ("mlflow", "auth"):
            command = ["pg_dump", "-h", str(self.folder / "socket"), "-U", "nnexp", name]
            login = environment() | {"PGPASSFILE": str(self.folder / "secrets/pgpass")}
            dumps.append(subprocess.run(command, env=login, capture_output=True, text=True, check=True).stdout)
        return "\n".join(dumps)


def needed() -> str:
    """Why there can't be a server here; empty if there can."""
    lacking = [name for name in ("flask_wtf", "psycopg") if find_spec(name) is None]
    if lacking:
        return f"{lacking[0]} is not installed: pip install 'nnexp[server]'"
    if not shutil.which("postgres") and not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        return "PostgreSQL is not installed"
    return "" if shutil.which("pg_dump") else "pg_dump is not on PATH"


@contextmanager
def team_server(**more: str) -> Iterator[TeamServer]:
    """A new one on 127.0.0.1, while the block lasts. more: environment variables for it."""
    if why := needed():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="nnexp-") as name:  # short, for a socket; and PostgreSQL passes through
        Path(name).chmod(0o711)
        folder, port = Path(name) / "server", free_port()
        with started_server(folder, port, **more) as server:
            yield server


@contextmanager
def started_server(folder: Path, port: int, **more: str) -> Iterator[TeamServer]:
    """The script with this folder, which may be that of an earlier start."""
    told: dict[str, Any] = {"env": environment() | {"PYTHON": sys.executable, "NNEXP_SERVER_PROCESSES": "1"} | more}
    command = [str(SCRIPTS / "start"), str(folder), "127.0.0.1", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **told) as process:
        server = TeamServer(process, f"http://127.0.0.1:{port}", folder)
        try:
            wait_until(lambda: server.answers or process.poll() is not None, "an answer of the server")
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            yield server
        finally:
            with suppress(ProcessLookupError, FileNotFoundError, ValueError):
                server.thaw()
            process.terminate()
            process.communicate(timeout=PATIENCE)


HOP_BY_HOP = ("content-length", "transfer-encoding", "connection", "server", "date")  # headers of one connection


class Between:
    """A program between a client and a server, which lets everything through, or answers late, or answers errors.

    delay: seconds before each answer. status: what is answered instead of what the server says, if not 0.
    """

    def __init__(self, server: str) -> None:
        self.delay = 0.0
        self.status = 0
        self.asked = 0
        self._server = server
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        between = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                status, headers, body = between.answer_to(self)
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                with suppress(ConnectionError):  # whoever asked has not waited
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # names of http.server

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def answer_to(self, asked: BaseHTTPRequestHandler) -> tuple[int, list[tuple[str, str]], bytes]:
        self.asked += 1
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        time.sleep(self.delay)
        if self.status:
            return self.status, [], b"OK" if self.status == 200 else b"<html>an error"
        host = self._server.partition("://")[2]
        connection = http.client.HTTPConnection(host, timeout=PATIENCE)
        headers = {name: value for name, value in asked.headers.items() if name != "Host"}
        connection.request(asked.command, asked.path, body, headers)
        answer = connection.getresponse()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        said = answer.status, kept, answer.read()
        connection.close()
        return said


@contextmanager
def between(server: str) -> Iterator[Between]:
    """Such a program while the block lasts. server: the address of what is behind it."""
    program = Between(server)
    with program.http as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield program
        finally:
            listening.shutdown()
            thread.join()

"""The page's server: a handful of fixed routes on 127.0.0.1, for this machine's own browser and nobody else."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from nnexp.errors import UsageError, in_a_line
from nnexp.nn.arrays import Array
from nnexp.runtime.child_process import HOST
from nnexp.serve.viewer import Viewer

PAGE = Path(__file__).with_name("page.html")
LARGEST_BODY = 1_000_000  # bytes
ONCE = ("Host", "Origin", "Sec-Fetch-Site", "Content-Type", "Content-Length")  # of two, the wrong one may be heeded
WAITING = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>MLflow's UI</title>
<p>MLflow's UI is being started on this run's store; it will be here in some seconds."""


class Refused(Exception):
    """A request that is not answered, and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class PageServer(ThreadingHTTPServer):
    """Serves the page for a viewer; port 0 takes a free one. `UsageError` if the port is taken.

    where: gives the address of the run in MLflow's UI, None while that is being started.
    """

    daemon_threads = True

    def __init__(self, viewer: Viewer, port: int, where: Callable[[], str | None]) -> None:
        self.viewer = viewer
        self.where = where
        self._connections: set[socket.socket] = set()
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise UsageError(f"--page-port: got {port}, expected one that is free ({error.strerror})") from None

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        self._connections.add(connection)
        return connection, client

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End it, and every connection: a client that is silent would keep the process from ending."""
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # it has just been closed
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left in the middle of an answer is no news; what else goes wrong is a bug, and told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}/"

    @cached_property
    def page(self) -> bytes:
        """The page, as it is on disk."""
        return PAGE.read_bytes()

    @cached_property
    def policy(self) -> str:
        """What the browser may load: the page's own script and style, known by their hashes, and these routes."""
        text = self.page.decode()
        script, style = (
            re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[0].encode() for tag in ("script", "style")
        )
        hashes = [base64.b64encode(hashlib.sha256(part).digest()).decode() for part in (script, style)]
        return (
            f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
            "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )


class Handler(BaseHTTPRequestHandler):
    """One request. A page of another origin can neither ask (Origin, Host) nor read what is answered."""

    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "nnexp"
    sys_version = ""
    wbufsize = -1  # head and body in one packet: else each answer waits 40 ms for the browser's acknowledgement
    timeout = 60  # seconds that a connection may be silent

    def do_GET(self) -> None:
        self._guarded(self._get)

    def do_POST(self) -> None:
        self._guarded(self._post)

    def log_message(self, *_: Any) -> None:
        """Nothing: a request a stroke is no news."""

    def _guarded(self, answer: Callable[[], None]) -> None:
        try:
            self._check_origin()
            answer()
        except Refused as refused:
            self.close_connection = True  # what else has been sent has not been read
            self._answer(f"{refused.why}\n".encode(), "text/plain; charset=utf-8", refused.status)

    def _get(self) -> None:
        viewer = self.server.viewer
        match self.path:
            case "/":
                self._answer(self.server.page, "text/html; charset=utf-8")
            case "/facts":
                self._json(viewer.facts())
            case "/weights":
                self._answer(viewer.first_weights(), "application/octet-stream")
            case "/run":
                self._show_run()
            case _:
                raise Refused(HTTPStatus.NOT_FOUND, "expected one of /, /facts, /weights, /run")

    def _post(self) -> None:
        routes = {"/look": self.server.viewer.look, "/served": self.server.viewer.served}
        if self.path not in routes:
            raise Refused(HTTPStatus.NOT_FOUND, "expected /look or /served")
        try:
            said = routes[self.path](self._drawing())
        except OSError as error:
            raise Refused(HTTPStatus.BAD_GATEWAY, in_a_line(error)) from error
        self._json(said)

    def _check_origin(self) -> None:
        """Any page may send requests here, and have a name of its own lead to 127.0.0.1: only ours are answered."""
        hosts = [f"{name}:{self.server.server_port}" for name in (HOST, "localhost")]
        for name in ONCE:
            if len(self.headers.get_all(name, [])) > 1:
                raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: expected once")
        if "Host" not in self.headers:
            raise Refused(HTTPStatus.BAD_REQUEST, f"Host: got none, expected {hosts[0]}")
        if self.headers["Host"] not in hosts:
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, f"Host: expected {hosts[0]}")
        if self.headers.get("Origin") not in [None, *(f"http://{host}" for host in hosts)]:
            raise Refused(HTTPStatus.FORBIDDEN, "Origin: expected this very page")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise Refused(HTTPStatus.FORBIDDEN, "Sec-Fetch-Site: expected this very page")

    def _drawing(self) -> Array:
        """The body as `(side, side)`, uint8."""
        if "Transfer-Encoding" in self.headers:
            raise Refused(HTTPStatus.NOT_IMPLEMENTED, "Transfer-Encoding: expected none, but Content-Length")
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Content-Type") != "application/octet-stream":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type: expected application/octet-stream")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length: expected a number of bytes")
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"expected at most {LARGEST_BODY} bytes")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise Refused(HTTPStatus.BAD_REQUEST, f"got {len(body)} bytes, expected {length}")
        side = math.isqrt(len(body))
        if side == 0 or side * side != len(body):
            raise Refused(HTTPStatus.BAD_REQUEST, f"got {len(body)} bytes, expected a square number of pixels")
        return np.frombuffer(body, np.uint8).reshape(side, side)

    def _show_run(self) -> None:
        address = self.server.where()
        if address is None:
            self._answer(WAITING.encode(), "text/html; charset=utf-8")
            return
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, said: dict[str, Any]) -> None:
        self._answer(json.dumps(said).encode(), "application/json")

    def _answer(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": self.server.policy,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

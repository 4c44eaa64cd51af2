"""The page's routes: a handful of fixed ones, for this machine's own browser and nobody else."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from nnexp.errors import in_a_line
from nnexp.nn.arrays import Array
from nnexp.runtime.child_process import HOST
from nnexp.serve.viewer import Viewer

PAGE = Path(__file__).with_name("page.html")
LARGEST_BODY = 1_000_000  # bytes
ONCE = ("Host", "Origin", "Sec-Fetch-Site", "Content-Type", "Content-Length")  # of two, the wrong one may be heeded
WAITING = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>MLflow's UI</title>
<p>MLflow's UI is starting on this run's store; it will be here in some seconds."""

Ask = Callable[[Array], dict[str, Any]]
Answer = Callable[[Request], Awaitable[Response]]


def routes_of(viewer: Viewer, port: int, where: Callable[[], str | None]) -> Starlette:
    """What answers at that port of this machine, for a viewer.

    where: gives the address of the run in MLflow's UI, None while that is starting.
    """
    page = PAGE.read_text(encoding="utf-8")
    always = {
        "Content-Security-Policy": _policy(page),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    async def guarded(request: Request, answer: Answer) -> Response:
        response = _refused(request, port) or await answer(request)
        response.headers.update(always)
        if response.status_code >= 400:
            response.headers["Connection"] = "close"  # what else has been sent has not been read
        return response

    def run(_: Request) -> Response:
        address = where()
        return HTMLResponse(WAITING) if address is None else RedirectResponse(address, 302)

    routes = [
        Route("/", lambda _: HTMLResponse(page)),
        Route("/facts", lambda _: JSONResponse(viewer.facts())),
        Route("/weights", lambda _: Response(viewer.first_weights(), media_type="application/octet-stream")),
        Route("/run", run),
        Route("/look", _about_a_drawing(viewer.look), methods=["POST"]),
        Route("/served", _about_a_drawing(viewer.served), methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guarded)],
        exception_handlers={ClientDisconnect: lambda *_: Response(status_code=400)},  # nobody is there to read it
    )
    app.router.redirect_slashes = False
    return app


def _policy(page: str) -> str:
    """What the browser may load: the page's own script and style, known by their hashes, and these routes."""
    parts = (re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[0].encode() for tag in ("script", "style"))
    script, style = (base64.b64encode(hashlib.sha256(part).digest()).decode() for part in parts)
    return (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _refused(request: Request, port: int) -> Response | None:
    """Any page may send requests here, and have a name of its own lead to 127.0.0.1: only ours are answered."""
    hosts = [f"{name}:{port}" for name in (HOST, "localhost")]
    headers = request.headers
    for name in ONCE:
        if len(headers.getlist(name)) > 1:
            return PlainTextResponse(f"{name}: expected once", 400)
    if headers.get("Host") not in hosts:
        return PlainTextResponse(f"Host: expected {hosts[0]}", 421)
    if headers.get("Origin") not in [None, *(f"http://{host}" for host in hosts)]:
        return PlainTextResponse("Origin: expected this very page", 403)
    if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return PlainTextResponse("Sec-Fetch-Site: expected this very page", 403)
    return None


def _about_a_drawing(ask: Ask) -> Answer:
    """A route that asks about the drawing in a request's body."""

    async def answer(request: Request) -> Response:
        drawing = await _drawing(request)
        try:
            return JSONResponse(await run_in_threadpool(ask, drawing))
        except OSError as error:
            raise HTTPException(502, in_a_line(error)) from error

    return answer


async def _drawing(request: Request) -> Array:
    """The body as `(side, side)`, uint8."""
    if "Transfer-Encoding" in request.headers:
        raise HTTPException(501, "Transfer-Encoding: expected none, but Content-Length")
    if request.headers.get("Content-Type") != "application/octet-stream":
        raise HTTPException(415, "Content-Type: expected application/octet-stream")
    if "Content-Length" not in request.headers:
        raise HTTPException(411, "Content-Length: expected a number of bytes")
    if int(request.headers["Content-Length"]) > LARGEST_BODY:
        raise HTTPException(413, f"expected at most {LARGEST_BODY} bytes")
    body = await request.body()
    side = math.isqrt(len(body))
    if side == 0 or side * side != len(body):
        raise HTTPException(400, f"got {len(body)} bytes, expected a square number of pixels")
    return np.frombuffer(body, np.uint8).reshape(side, side)

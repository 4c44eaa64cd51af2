"""The page's server: uvicorn on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from nnexp.runtime.child_process import listener_at
from nnexp.serve.routes import routes_of
from nnexp.serve.viewer import Viewer

SILENT_SECONDS = 60  # that a connection may wait for its next request


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End at once, and every connection: a client that is silent would keep the process from ending."""
        self.force_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


@contextmanager
def page_server(viewer: Viewer, port: int, where: Callable[[], str | None]) -> Iterator[int]:
    """Serve the page while the block lasts; gives its port. Port 0 takes a free one; `UsageError` if it is taken.

    where: gives the address of the run in MLflow's UI, None while that is starting.
    """
    listener = listener_at(port)
    port = listener.getsockname()[1]
    server = _Server(
        uvicorn.Config(
            routes_of(viewer, port, where),
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",  # a request a stroke is no news
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=SILENT_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True, name="nnexp-page")
    thread.start()
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()

"""Whether a server answers promptly: one that does not is not waited for."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from nnexp.tracking.within import within

PROMPT_SECONDS = 0.4
LONGEST = 16  # bytes that are read of an answer
LATE = "it does not answer promptly"
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}  # where a database listens unless its address says otherwise


def not_prompt(uri: str, seconds: float = PROMPT_SECONDS) -> str:
    """Why the server or database at this address is not to be waited for; empty if it answers within the seconds."""
    try:
        return within(seconds, lambda: _not_well(uri, seconds))
    except TimeoutError:
        return LATE


def _not_well(uri: str, seconds: float) -> str:
    try:
        if not uri.startswith(("http://", "https://")):
            _connect(uri, seconds)
            return ""
        with urlopen(f"{uri.rstrip('/')}/health", timeout=seconds) as answer:  # noqa: S310  # one of these two
            well = answer.status == 200 and answer.read(LONGEST).strip() == b"OK"
            return "" if well else "its /health does not say OK"
    except HTTPError as error:
        error.close()
        return f"it answers {error.code}" if error.code >= 500 else ""  # what else it says is for MLflow's client
    except URLError as error:
        return "" if isinstance(error.reason, ssl.SSLError) else _why(error.reason)
    except (OSError, HTTPException, ValueError) as error:
        return _why(error)


def _connect(uri: str, seconds: float) -> None:
    place = urlsplit(uri)
    if place.hostname:  # else it is a socket of this machine
        socket.create_connection((place.hostname, place.port or PORTS[place.scheme.split("+")[0]]), seconds).close()


def _why(error: object) -> str:
    if isinstance(error, TimeoutError):
        return LATE
    return getattr(error, "strerror", None) or str(error)

"""Whether a server answers promptly: one that does not is not waited for."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

PROMPT_SECONDS = 0.4
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}  # where a database listens unless its address says otherwise


def not_prompt(uri: str, seconds: float = PROMPT_SECONDS) -> str:
    """Why the server or database at this address is not to be waited for; empty if it answers within the seconds."""
    try:
        if uri.startswith(("http://", "https://")):
            urlopen(f"{uri.rstrip('/')}/health", timeout=seconds).close()  # noqa: S310  # one of these two
        else:
            _connect(uri, seconds)
    except HTTPError as error:
        return f"it answers {error.code}" if error.code >= 500 else ""  # what else it says is for MLflow's client
    except URLError as error:
        return "" if isinstance(error.reason, ssl.SSLError) else _why(error.reason)
    except (OSError, HTTPException) as error:
        return _why(error)
    return ""


def _connect(uri: str, seconds: float) -> None:
    place = urlsplit(uri)
    if place.hostname:  # else it is a socket of this machine
        socket.create_connection((place.hostname, place.port or PORTS[place.scheme.split("+")[0]]), seconds).close()


def _why(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer promptly"
    return getattr(error, "strerror", None) or str(error)

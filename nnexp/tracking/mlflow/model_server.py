"""MLflow's own model server on a network: started, asked, and told from one that is not there yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from nnexp.errors import in_a_line
from nnexp.nn.arrays import Array
from nnexp.runtime.child_process import HOST, child
from nnexp.tracking.mlflow.model_template import PACKAGE

SECONDS = 10.0  # to answer in


def running(model: Path, port: int, output: IO[bytes]) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """`mlflow models serve` on the model in a folder, as a child process.

    It starts a program of this environment by its name, and loads the network by this very nnexp.
    """
    words = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    words += ["--host", HOST, "--port", str(port)]
    paths = {"PATH": [Path(sys.executable).parent], "PYTHONPATH": [PACKAGE.parent]}
    prefixed = {
        name: os.pathsep.join([*map(str, first), *filter(None, [os.environ.get(name)])])
        for name, first in paths.items()
    }
    return child(words, prefixed, output)


def address(port: int) -> str:
    """Where it takes questions."""
    return f"http://{HOST}:{port}/invocations"


def curl(port: int, n_inputs: int) -> str:
    """A command that asks it, to be filled in."""
    body = f'{{"inputs": [[{n_inputs} numbers from 0 to 1]]}}'
    return f"curl {address(port)} -H 'Content-Type: application/json' -d '{body}'"


def ask(port: int, row: Array) -> list[float] | None:
    """The outputs for one input row; None while it does not listen yet. Raises `OSError` for a bad answer."""
    body = json.dumps({"inputs": [row.tolist()]}).encode()
    request = Request(address(port), body, {"Content-Type": "application/json"})  # noqa: S310  # http, this machine
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            said: Any = json.load(answer)
    except URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return None
        raise OSError(in_a_line(error)) from error
    except ValueError as error:
        raise OSError(in_a_line(error)) from error
    return [float(value) for value in said["predictions"][0]]


def listens(port: int) -> bool:
    """Whether it answers."""
    try:
        with urlopen(f"http://{HOST}:{port}/ping", timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False

"""Pulling workers on the nodes of a Ray cluster that is there."""

from __future__ import annotations

import json
import math
import os
import platform
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from nnexp.errors import LaunchError
from nnexp.launch.engines.base import Facts
from nnexp.launch.engines.patience import waiting

SECONDS = 60.0  # for an answer: Ray takes some to connect, and would try for minutes


@dataclass
class RayEngine:
    """Workers that are actors of Ray, and stay when who has started them goes.

    address: of the cluster, or `auto`. options: of an actor, such as `num_cpus`. cores: how many jobs one does at once.
    """

    address: str
    options: Mapping[str, Any]
    cores: int
    kind: str = "ray"
    remembers: ClassVar[tuple[str, ...]] = ("address", "workers")

    def check(self) -> None:
        """Raise `LaunchError` if there is no cluster, or a node of it differs from this machine in what counts."""
        if find_spec("ray") is None:
            raise LaunchError("launch=ray: the package ray is not installed; pip install 'nnexp[ray]'")
        folder = str(Path.cwd())
        here = {"nnexp": version("nnexp"), "numpy": version("numpy"), "Python": platform.python_version()}
        if differ := differences(_client(self.address).ask("nodes", folder=folder), here | {"the folder": folder}):
            raise LaunchError(["launch=ray: not all nodes are like this machine", *differ])

    def start(self, queue: Path, workers: int) -> Facts:
        name = f"{queue.name}-{uuid.uuid4().hex[:8]}-"
        names = [f"{name}{number}" for number in range(math.ceil(workers / self.cores))]
        arguments = ["worker", str(queue.absolute()), "--workers", str(self.cores)]
        options = dict(self.options)
        address = _client(self.address).ask(
            "start", names=names, arguments=arguments, folder=str(Path.cwd()), options=options
        )
        return {"address": address, "workers": name}

    def lost(self, facts: Facts) -> str:
        """See `Engine`. It waits for the first answer alone: later calls take the answer to an earlier one."""
        there = _client(facts["address"]).answer_to("there", prefix=facts["workers"])
        return "" if there is None or there else f"Ray has no worker {facts['workers']}* any more; its logs say why"

    def cancel(self, facts: Facts) -> None:
        _client(facts["address"]).ask("cancel", prefix=facts["workers"])


def differences(nodes: Mapping[str, Mapping[str, str]], here: Mapping[str, str]) -> list[str]:
    """Where nodes differ from this machine, a line each. nodes: what each has, by its name. here: the same of here."""
    return [
        f"{node}: {name}: got {has.get(name, 'none')}, expected {expected}"
        for node, has in nodes.items()
        for name, expected in here.items()
        if has.get(name) != expected
    ]


@cache
def _client(address: str) -> Client:
    """Who asks the cluster at that address, for all of this process."""
    return Client(address, [sys.executable, "-m", f"{__package__}.ray_calls", address])


class Client:
    """Asks a cluster, by a process that is connected to it (`ray_calls.py`) and ends when this one does."""

    def __init__(self, address: str, command: Sequence[str], patience: float = SECONDS) -> None:
        self._address, self._command, self._patience = address, command, patience
        self._process: subprocess.Popen[bytes] | None = None
        self._waits = self._heard = False
        self._asked = 0.0

    def ask(self, call: str, **said: Any) -> Any:
        """The answer; raises `LaunchError` if there is none."""
        if self._waits:
            self._read(self._patience)  # the answer to another question
        self._send(call, said)
        answer = self._read(self._patience)
        if "answer" not in answer:
            raise LaunchError(
                f"launch.address: got {self._address!r} ({answer['error']}), expected a Ray cluster that runs"
            )
        return answer["answer"]

    def answer_to(self, call: str, **said: Any) -> Any:
        """The answer to one question that is asked again and again; from the second on None if there is none yet."""
        if not self._waits:
            self._send(call, said)
        return self._read(0.0 if self._heard else self._patience).get("answer")

    def close(self) -> None:
        """End the connection, if there is one; who asks again has another."""
        if self._process:
            self._process.kill()
            with suppress(BrokenPipeError):  # of a question that was never read
                self._process.communicate()
        self._process = None

    def _send(self, call: str, said: dict[str, Any]) -> None:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = self._connected()
        assert self._process.stdin  # noqa: S101
        with suppress(BrokenPipeError):  # it has just ended: there will be no answer
            self._process.stdin.write(json.dumps([call, said]).encode() + b"\n")
            self._process.stdin.flush()
        self._waits, self._asked = True, time.monotonic()

    def _read(self, seconds: float) -> dict[str, Any]:
        """What is answered within so many seconds; nothing if it may still be. Who takes too long is ended."""
        assert self._process  # noqa: S101
        assert self._process.stdout  # noqa: S101
        with waiting(f"launch=ray: the cluster at {self._address}", self._patience):
            answered, _, _ = select.select([self._process.stdout], [], [], seconds)
        if answered:
            line = self._process.stdout.readline()  # a whole one, or the end
            said: dict[str, Any] = json.loads(line) if line else {"error": "Ray has ended the connection"}
        elif time.monotonic() - self._asked < self._patience:
            return {}
        else:
            self._process.kill()
            said = {"error": f"no answer in {self._patience:.0f} seconds"}
        self._waits, self._heard = False, True
        return said

    def _connected(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
            start_new_session=True,  # Ctrl-C is for this process alone
        )

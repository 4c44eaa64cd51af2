"""What is asked of a Ray cluster: each line of JSON that comes in is answered by one.

`python -m nnexp.launch.engines.ray_calls ADDRESS` is a process of its own because Ray takes signals over, starts
threads, and ends the process when the cluster is gone. See https://docs.ray.io, "Actors" and "Named Actors".
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

NAMESPACE = "nnexp"  # of the names of workers, in the cluster
PATIENCE_SECONDS = 30  # for an answer from all nodes
REACH_SECONDS = 5
CANCEL_SECONDS = 3  # for a worker to take it in: one that has not started can't

# A child that is told to end when its parent has ended, however that was: prctl(PR_SET_PDEATHSIG, SIGTERM), see its
# man page. The parent may be gone by then already.
WITH_PARENT = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); "
    "os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)


def connect(address: str) -> None:
    """Become a client of the cluster; raises `OSError` or `ValueError` if there is none. None is ever started."""
    import ray

    told = os.environ.get("RAY_ADDRESS", "") if address == "auto" else address
    host, _, port = told.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), REACH_SECONDS).close()  # Ray itself would try for two minutes
    ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False)


def nodes(folder: str) -> dict[str, dict[str, str]]:
    """What each node of the cluster has, by its name. folder: that they should see."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def look(folder: str) -> dict[str, str]:  # travels as it is: a node may have another nnexp, or none
        import platform
        from importlib.metadata import PackageNotFoundError, version
        from pathlib import Path

        def of(package: str) -> str:
            try:
                return version(package)
            except PackageNotFoundError:
                return "none"

        found = {"nnexp": of("nnexp"), "numpy": of("numpy"), "Python": platform.python_version()}
        return found | {"the folder": folder if Path(folder).is_dir() else "none"}

    task = ray.remote(num_cpus=0, max_retries=0)(look)
    alive = [node for node in ray.nodes() if node["Alive"]]
    on = [NodeAffinitySchedulingStrategy(node["NodeID"], soft=False) for node in alive]
    seen = ray.get([task.options(scheduling_strategy=each).remote(folder) for each in on], timeout=PATIENCE_SECONDS)
    return {f"{node['NodeName']} ({node['NodeID'][:8]})": each for node, each in zip(alive, seen, strict=True)}


def start(names: Sequence[str], arguments: Sequence[str], folder: str, options: Mapping[str, Any]) -> str:
    """Start a worker for each name, which stays when this process has gone; gives the cluster's address.

    arguments: of `python -m nnexp.cli`. folder: in which it works. options: of Ray, such as `num_cpus`.
    """
    import ray

    actor = ray.remote(max_restarts=0, lifetime="detached", **options)(_worker())
    for name in names:
        actor.options(name=name).remote(WITH_PARENT, arguments, folder)
    return str(ray.get_runtime_context().gcs_address)


def _worker() -> type:
    """The class of the process of Ray that has a worker as its child; it travels as it is."""

    class Worker:
        def __init__(self, with_parent: str, arguments: Sequence[str], folder: str) -> None:
            import threading

            self._started = threading.Event()
            threading.Thread(target=self._work, args=(with_parent, arguments, folder), daemon=True).start()
            self._started.wait()

        def _work(self, with_parent: str, arguments: Sequence[str], folder: str) -> None:
            """Be the thread whose end is the child's, and end with the child: what it had is free then."""
            import os
            import subprocess
            import sys

            try:
                words = [sys.executable, "-c", with_parent, str(os.getpid()), sys.executable, "-m", "nnexp.cli"]
                one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
                command = [*words, *arguments]
                self._child = subprocess.Popen(command, cwd=folder, env=os.environ | one_thread)  # noqa: S603
                self._started.set()
                self._child.wait()
            finally:
                os._exit(0)

        def stop(self) -> None:
            self._child.terminate()

    return Worker


def there(prefix: str) -> int:
    """How many workers there are, or will be, whose names begin so."""
    from ray.util import list_named_actors

    return sum(name.startswith(prefix) for name in list_named_actors())


def cancel(prefix: str) -> None:
    """Tell those workers to stop, and end those that have not started."""
    import ray
    from ray.util import list_named_actors

    actors = [ray.get_actor(name) for name in list_named_actors() if name.startswith(prefix)]
    told = {actor.stop.remote(): actor for actor in actors}
    _, deaf = ray.wait(list(told), num_returns=len(told), timeout=CANCEL_SECONDS) if told else ([], [])
    for each in deaf:
        ray.kill(told[each])


CALLS: dict[str, Callable[..., Any]] = {"nodes": nodes, "start": start, "there": there, "cancel": cancel}


def main(address: str) -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Ray prints is no answer
    connected = False
    for line in sys.stdin:
        call, said = json.loads(line)
        try:
            if not connected:
                connect(address)
                connected = True
            answer = {"answer": CALLS[call](**said)}
        except (Exception, SystemExit) as error:  # Ray raises any, and leaves where it can't connect
            lines = str(error).strip().splitlines() or [""]
            answer = {"error": f"{type(error).__name__}: {lines[0]}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

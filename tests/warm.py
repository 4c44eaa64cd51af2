"""`python -m nnexp.run`, again and again, each in a process of its own that has imported what takes long already.

Reads a command a line, as JSON: its words, folder, environment and files for output and errors; answers with the exit
code. Every command is forked from this process, which has one thread and no store open.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys


def become(words: list[str], folder: str, environment: dict[str, str], output: str, errors: str) -> None:
    """Take on what a new process is given."""
    for number, path in ((0, os.devnull), (1, output), (2, errors)):
        os.dup2(os.open(path, os.O_RDWR), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = words
    if "launch=inline" in words:
        importlib.import_module("inline_launcher")
    sys.path[0] = folder  # as `python -m` does


def main() -> None:
    from hydra.core.plugins import Plugins
    from numba.core.registry import cpu_target

    from nnexp.config.schema import register
    from nnexp.launch.preload import modules
    from nnexp.tracking.mlflow.private import load

    load(database=True)
    for name in (
        "nnexp.runner.hydra_task",
        *modules("mlflow", ["compiled"], pictures=True),
        "sklearn.datasets",
        "rich.progress",
        "mlflow.pyfunc",
    ):
        importlib.import_module(name)
    from mlflow.utils.requirements_utils import _init_modules_to_packages_map

    _init_modules_to_packages_map()
    register()
    Plugins.instance()
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(**json.loads(line))
            runpy.run_module("nnexp.run", run_name="__main__", alter_sys=True)
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


main()

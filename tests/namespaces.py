"""A script as the first process of namespaces of its own: nothing that listens in there can be reached from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from processes import wait_until
from running import environment

CLUSTER = Path(__file__).with_name("cluster")
OWN = ["--net", "--pid", "--mount", "--uts"]


@dataclass(frozen=True)
class Namespace:
    """A network of its own. first: the process that all others in there end with. variables: for those who enter."""

    first: psutil.Process
    variables: dict[str, str]

    def inside(self, *words: str) -> list[str]:
        """A command that sees this network, and is a process like any other but for that."""
        said = [f"{name}={value}" for name, value in self.variables.items()]
        return ["nsenter", f"--target={self.first.pid}", "--net", "env", *said, *words]

    def says(self, *words: str, folder: Path | None = None) -> str:
        """What a command in there prints; it has to go well."""
        done = subprocess.run(
            self.inside(*words), cwd=folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert not done.returncode, f"{' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def devices(self) -> list[str]:
        """Of its network."""
        return [line.split(": ")[1] for line in self.says("ip", "-o", "link").splitlines()]

    def running(self, word: str) -> list[psutil.Process]:
        """The processes in there that have this word in their command."""
        return [each for each in self.first.children(recursive=True) if word in _words(each)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return [] if process.status() == psutil.STATUS_ZOMBIE else process.cmdline()
    except psutil.NoSuchProcess:
        return []


def refuse_without(*programs: str) -> None:
    """Skip the test, and say why, where these programs or namespaces can't be had."""
    if missing := [each for each in ("unshare", "nsenter", *programs) if not shutil.which(each)]:
        pytest.skip(f"{', '.join(missing)}: not on PATH")
    if subprocess.run(["unshare", *OWN, "--fork", "true"], capture_output=True, check=False).returncode:
        pytest.skip("namespaces can't be had: only root may make them, and not in every container")


@contextmanager
def namespace(script: str, folder: Path, variables: dict[str, str]) -> Iterator[Namespace]:
    """The script, with the folder as its argument, until the block ends; it makes `ready` there when it is."""
    command = ["unshare", *OWN, "--fork", "--kill-child", "--mount-proc", sys.executable, str(CLUSTER / script)]
    log = folder.with_suffix(".log")
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*command, str(folder)],
            env=os.environ | variables,
            stdin=subprocess.PIPE,  # it ends with us, however we end
            stdout=output,
            stderr=output,
            start_new_session=True,
        ) as outer,
    ):
        try:

            def is_ready() -> bool:
                assert outer.poll() is None, log.read_text()
                return (folder / "ready").exists()

            wait_until(is_ready, f"{script} is ready; see {log}")
            yield Namespace(psutil.Process(outer.pid).children()[0], variables)
        finally:
            outer.kill()  # and the first process with it, and all in there with that

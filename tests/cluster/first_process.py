"""What the first process of a cluster's namespaces does, whichever cluster it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path


def have_network(folder: Path, address: str) -> None:
    """Give the namespaces a name and a loopback device with this address too; files for that go into the folder.

    Names of hosts are not looked up where no device has an address that does not begin with 127.
    """
    hosts, resolver = folder / "hosts", folder / "resolv.conf"
    hosts.write_text(f"127.0.0.1 localhost\n{address} node0\n")
    resolver.touch()
    for command in (
        "ip link set lo up",
        f"ip address add {address}/32 dev lo",
        "hostname node0",
        f"mount --bind {hosts} /etc/hosts",
        f"mount --bind {resolver} /etc/resolv.conf",  # no name server can be reached: nobody waits for one
    ):
        subprocess.run(command.split(), check=True)


def stay(folder: Path) -> None:
    """Say that all is ready, and stay until who has started this is gone; all else in here ends then, too."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    (folder / "ready").touch()
    while True:  # what loses its parent becomes a child of ours
        os.wait()


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)

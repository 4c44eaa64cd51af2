"""A Ray cluster of one node: `python ray_node.py FOLDER`, as root, as the first process of namespaces of its own.

Ray listens on all interfaces, whatever it is told, and asks nobody for a password: the network namespace has a loopback
device alone. All of it ends with this process. `FOLDER/ready` appears when it takes tasks.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from first_process import have_network, stay

ADDRESS, PORT = "10.64.0.2", 6379
HEAD = [
    *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--disable-usage-stats"),
    *(f"--node-ip-address={ADDRESS}", f"--port={PORT}", "--num-cpus=2", "--include-dashboard=false"),
    "--object-store-memory=100000000",
]


def start(folder: Path) -> None:
    """Start the head of the cluster, which is a worker node too."""
    have_network(folder, ADDRESS)
    subprocess.run([*HEAD, f"--temp-dir={folder}"], check=True)


if __name__ == "__main__":
    start(Path(sys.argv[1]))
    stay(Path(sys.argv[1]))

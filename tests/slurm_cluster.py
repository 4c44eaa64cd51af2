"""A real Slurm cluster of one node for the tests, started once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from namespaces import Namespace, namespace, refuse_without


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    """The network in which sbatch and its kind work. What submits is no part of the node: a login node, so to speak."""
    refuse_without("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "ip")
    folder = tmp_path_factory.mktemp("slurm")
    with namespace("slurm_node.py", folder, {"SLURM_CONF": str(folder / "slurm.conf")}) as node:
        yield node

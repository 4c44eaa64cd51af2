"""A real Ray cluster of one node for the tests, started once a session."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from namespaces import Namespace, namespace, refuse_without


@pytest.fixture(scope="session")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Namespace]:
    """The network that the cluster is in, and in which RAY_ADDRESS says where."""
    if find_spec("ray") is None:
        pytest.skip("ray is not installed: pip install 'nnexp[ray]'")
    refuse_without("ip")
    folder = tmp_path_factory.mktemp("ray")
    with namespace("ray_node.py", folder, {"RAY_ADDRESS": "10.64.0.2:6379"}) as node:
        yield node

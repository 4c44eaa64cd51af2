"""What the tests of training share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def toys() -> Iterator[None]:
    """Parts that a test defines are gone when it has ended: a part is found because its class is there."""
    yield
    gc.collect()

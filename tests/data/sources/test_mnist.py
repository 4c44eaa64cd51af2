"""MNIST, as it comes with nnexp."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import npz, refused

from nnexp.data.dataset import Dataset
from nnexp.data.sources.mnist import FILE, SHA256, Mnist


@pytest.fixture(scope="module")
def mnist() -> Any:
    return Mnist().load()


def test_the_bundled_mnist_has_the_articles_counts_shapes_and_first_labels(mnist: Dataset) -> None:
    assert [len(part) for part in (mnist.train, mnist.validation, mnist.test)] == [50_000, 10_000, 10_000]
    assert (mnist.name, mnist.shape, mnist.n_values, mnist.classes) == ("mnist", (28, 28), 784, 10)
    assert mnist.train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.validation.y[:5].tolist() == [3, 8, 6, 9, 6]
    assert mnist.test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_the_bundled_mnist_is_the_known_one_pixel_for_pixel(mnist: Dataset) -> None:
    """Against the SHA-256 of the raw files of MNIST, known everywhere."""
    images = np.concatenate([mnist.train.x, mnist.validation.x])
    header = struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 28, 28)
    known = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    assert hashlib.sha256(header + images.tobytes()).hexdigest() == known
    header = struct.pack(">4B3I", 0, 0, 8, 3, 10_000, 28, 28)
    known = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    assert hashlib.sha256(header + mnist.test.x.tobytes()).hexdigest() == known


def test_the_bundled_mnist_and_its_licence_note_have_the_hash_that_is_checked(mnist: Dataset) -> None:
    assert mnist.sha256 == SHA256
    assert SHA256 in FILE.with_name("MNIST-LICENSE.md").read_text()


def test_a_changed_copy_of_the_bundled_mnist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnexp.data.sources.mnist.FILE", npz(tmp_path))
    assert f"expected {SHA256}: install nnexp again" in refused(Mnist())

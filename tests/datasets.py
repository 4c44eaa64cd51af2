"""Small data sets for tests: arrays, and the files that hold them."""

from __future__ import annotations

import gzip
import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnexp.data.sources.base import Source
from nnexp.data.sources.idx import FILES
from nnexp.errors import DataError
from nnexp.nn.arrays import Array


def pixels(n: int, side: int = 4) -> Array:
    return np.random.default_rng([n, side]).integers(0, 256, (n, side, side), dtype=np.uint8)


def labels(n: int) -> Array:
    return (np.arange(n) % 10).astype(np.uint8)


def arrays(**changed: Any) -> dict[str, Any]:
    """The arrays of a sound .npz file, some of them changed; None leaves one out."""
    sound = {"x_train": pixels(24), "y_train": labels(24), "x_test": pixels(10), "y_test": labels(10)}
    return {key: value for key, value in (sound | changed).items() if value is not None}


def same(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def refused(source: Source) -> str:
    """The message of the error that loading ends with."""
    with pytest.raises(DataError) as caught:
        source.load()
    assert str(caught.value).strip()
    return str(caught.value)


def labelled(n: int, position: int, label: float, dtype: Any = "int64") -> Array:
    y = labels(n).astype(dtype)
    y[position] = label
    return y


def npz_bytes(**changed: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays(**changed))
    return file.getvalue()


def npz(tmp_path: Path, **changed: Any) -> Path:
    path = tmp_path / "x.npz"
    path.write_bytes(npz_bytes(**changed))
    return path


def idx_bytes(array: Array) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def idx_files(side: int = 4, n: int = 24) -> dict[str, bytes]:
    return dict(zip(FILES, map(idx_bytes, (pixels(n, side), labels(n), pixels(10, side), labels(10))), strict=True))


def zipped(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content) for name, content in files.items()}

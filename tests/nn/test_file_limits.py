"""Files that are small and unpack to a lot, or say so: refused before anything of that size is made."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib import format as npy

from nnexp.data import files
from nnexp.data.sources.idx import FILES, Idx
from nnexp.data.sources.mnist_pickle import MnistPickle
from nnexp.data.sources.npz import Npz
from nnexp.errors import DataError
from nnexp.nn import weights_file
from nnexp.nn.file_limits import Limit, TooLarge
from nnexp.nn.network import Network

MEGABYTE = 0.001  # in GB
ZEROS = np.zeros((50_000, 49), np.uint8)  # 2.45 MB


def refused(read: Any, *arguments: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def npz(path: Path, **arrays: Any) -> str:
    np.savez_compressed(path, **arrays)
    assert path.stat().st_size < 100_000
    return str(path)


def data_set() -> dict[str, Any]:
    y = np.arange(len(ZEROS)) % 2
    return {"x_train": ZEROS, "y_train": y.astype(np.uint8), "x_test": ZEROS[:9], "y_test": y[:9].astype(np.uint8)}


def test_an_npz_data_set_is_refused_by_its_size_and_allowed_by_the_setting(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", **data_set())
    message = refused(Npz(path=path, max_gb=MEGABYTE).load)
    assert message == (f"{path}: holds 2.5 MB, expected at most 1 MB (data.max_gb=... allows another number of GB)")
    assert len(Npz(path=path, max_gb=0.003).load().test) == len(Npz(path=path).load().test) == 9


def member(shape: tuple[int, ...], dtype: str = "<f8", version: tuple[int, int] = (1, 0)) -> bytes:
    """An array's header, and eight bytes."""
    file = io.BytesIO()
    write = {(1, 0): npy.write_array_header_1_0, (2, 0): npy.write_array_header_2_0}
    write.get(version, npy.write_array_header_2_0)(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    raw = bytearray(file.getvalue())
    raw[6:8] = version
    return bytes(raw) + bytes(8)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
@pytest.mark.parametrize("shape", [(10**12, 10**6), (2**62, 2**62), (10**6, 49)])
def test_an_array_that_declares_more_than_it_holds_is_refused(
    tmp_path: Path, shape: tuple[int, ...], version: tuple[int, int]
) -> None:
    path = npz(tmp_path / "x.npz", **{name: array for name, array in data_set().items() if name != "x_train"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x_train.npy", member(shape, version=version))
    assert f"{path}: x_train.npy declares " in refused(Npz(path=path).load)


def idx(folder: Path, images: bytes) -> Idx:
    folder.mkdir(exist_ok=True)
    labels = struct.pack(">4BI", 0, 0, 8, 1, 2) + bytes([0, 1])
    for name, raw in zip(FILES, (images, labels, images, labels), strict=True):
        (folder / f"{name}.gz").write_bytes(gzip.compress(raw))
    return Idx(folder=str(folder), max_gb=MEGABYTE)


def test_an_idx_file_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", 1000)
    source = idx(tmp_path / "x", struct.pack(">4B3I", 0, 0, 8, 3, 2, 1000, 1000) + bytes(100))
    assert "train-images-idx3-ubyte.gz: holds 2 MB, expected at most 1 MB" in refused(source.load)


def test_zeros_behind_an_idx_files_values_are_not_read(tmp_path: Path) -> None:
    source = idx(tmp_path / "x", struct.pack(">4B3I", 0, 0, 8, 3, 2, 5, 5) + bytes(3_000_000))
    assert "has at least 51 bytes after its header, expected 50" in refused(source.load)


def pickled(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "x.pkl.gz"
    path.write_bytes(gzip.compress(content))
    return refused(MnistPickle(path=str(path), max_gb=MEGABYTE).load)


def test_a_pickle_of_zeros_is_refused_at_the_first(tmp_path: Path) -> None:
    assert "x.pkl.gz: holds the byte 0, expected numpy arrays" in pickled(tmp_path, bytes(3_000_000))


@pytest.mark.parametrize(
    "content",
    [
        b"\x8e" + struct.pack("<Q", 2**40) + bytes(100),
        b"\x8e" + struct.pack("<Q", 1_500_000) + bytes(1_500_000),
        b"S'" + b"0" * 3_000_000,
        pickle.dumps(tuple((ZEROS, ZEROS[:, 0]) for _ in range(3)), 2),
        pickle.dumps((), 2) + bytes(3_000_000),
    ],
    ids=["vast bytes", "bytes", "a line", "arrays", "behind its end"],
)
def test_a_pickle_that_unpacks_to_too_much_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "x.pkl.gz: holds " in pickled(tmp_path, content)


def test_a_file_that_is_itself_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(bytes(2_000_000))
    for source in (Npz, MnistPickle):
        message = refused(source(path=str(tmp_path / "x.npz"), max_gb=MEGABYTE).load)
        assert "x.npz: holds 2 MB, expected at most 1 MB" in message


@pytest.mark.parametrize("max_gb", [0, -1, float("inf"), float("nan")])
@pytest.mark.parametrize("source", [Npz(path="x"), Idx(folder="x"), MnistPickle(path="x")], ids=lambda each: each.kind)
def test_a_limit_is_a_number_above_0(source: Any, max_gb: float) -> None:
    source.max_gb = max_gb
    assert source.problems() == [f"data.max_gb: got {max_gb}, expected a number > 0"]


def test_weights_that_unpack_to_too_much_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez_compressed(path, weights_1=np.zeros((1000, 1000)))
    message = refused(weights_file.load, path)
    assert f"{path}: holds 8 MB, expected at most 1." in message
    assert message.endswith("(20 times its size), expected a network saved by nnexp")


def test_weights_that_were_compressed_afterwards_are_read(tmp_path: Path) -> None:
    network = Network([784, 100, 10], rng=0)
    np.savez_compressed(tmp_path / "weights.npz", **weights_file.description(network), **weights_file.layers(network))
    assert weights_file.load(tmp_path / "weights.npz").fingerprint() == network.fingerprint()


def test_a_text_file_is_no_network(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_text("hello")
    message = refused(weights_file.load, tmp_path / "weights.npz")
    assert message.endswith("weights.npz: is no whole .npz file, expected a network saved by nnexp")


def test_what_is_allowed_is_not_refused() -> None:
    Limit(10, "").check(10, "x")
    with pytest.raises(TooLarge):
        Limit(10, "").check(11, "x")

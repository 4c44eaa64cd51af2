""".npz files of the user's own, sound, broken and hostile."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import arrays, labelled, labels, npz, npz_bytes, pixels, refused, same

from nnexp.data.sources.npz import Npz


def test_an_npz_file_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = npz(tmp_path)
    data = Npz(path=str(path), validation=4).load()
    same(data.train.x, pixels(24)[:20].reshape(20, 16))
    same(data.test.x, pixels(10).reshape(10, 16))
    same(data.test.y, np.arange(10))
    assert (data.name, data.shape, data.classes) == ("x.npz", (4, 4), 10)
    assert data.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_its_own_validation_examples_are_used_and_nothing_is_held_out(tmp_path: Path) -> None:
    path = npz(tmp_path, x_validation=pixels(7), y_validation=labels(7))
    data = Npz(path=str(path)).load()
    same(data.validation.x, pixels(7).reshape(7, 16))
    assert len(data.train) == 24
    assert data.sha256 != hashlib.sha256(path.read_bytes()).hexdigest()  # a run that did not read them is another one


def test_its_own_validation_examples_and_a_number_to_hold_out_are_refused(tmp_path: Path) -> None:
    path = npz(tmp_path, x_validation=pixels(7), y_validation=labels(7))
    found = refused(Npz(path=str(path), validation=4))
    assert found == f"data.validation: got 4, expected null: {path} has its own x_validation"


def test_an_array_of_something_else_is_left_alone(tmp_path: Path) -> None:
    assert len(Npz(path=str(npz(tmp_path, names=np.arange(3))), validation=4).load().train) == 20


def test_an_array_that_python_2_wrote_is_read_without_a_warning(tmp_path: Path) -> None:
    npy = io.BytesIO()
    np.save(npy, labels(10))
    npy = npy.getvalue().replace(b"(10,), } ", b"(10L,), }")
    assert b"10L" in npy
    path = npz(tmp_path, y_test=None)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y_test.npy", npy)
    same(Npz(path=str(path)).load().test.y, np.arange(10))


def with_member(name: Any, content: Any) -> Any:
    def write(path: Path) -> Any:
        np.savez(path, **arrays(**{name: None}))
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(f"{name}.npy", content)

    return write


def cut(path: Path) -> Any:
    path.write_bytes(npz_bytes()[: len(npz_bytes()) // 2])


def flipped(path: Path) -> Any:
    raw = bytearray(npz_bytes())
    raw[100:140] = bytes(40)
    path.write_bytes(raw)


def saved(**changed: Any) -> Any:
    return lambda path: np.savez(path, **arrays(**changed))


BROKEN_NPZ = {
    "not there": (lambda path: None, "x.npz: is not there (looked in "),
    "folder": (lambda path: path.mkdir(), "x.npz: is a folder, expected an .npz file with x_train"),
    "pipe": (os.mkfifo, "x.npz: is not a regular file, expected an .npz file"),
    "empty": (lambda path: path.write_bytes(b""), "x.npz: is empty, expected an .npz file"),
    "not a zip": (lambda path: path.write_text("hello"), "x.npz: is not a zip file, expected an .npz file"),
    "one array": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "x.npz: is not a zip file"),
    "truncated": (cut, "x.npz: is a damaged zip file"),
    "no data": (lambda path: path.write_bytes(b"PK\x03\x04"), "x.npz: is a damaged zip file"),
    "flipped bytes": (flipped, "x.npz: "),
    "missing key": (
        saved(y_test=None),
        "x.npz: holds x_train, y_train, x_test, expected x_train, y_train, x_test, y_test",
    ),
    "half a part": (
        saved(x_validation=pixels(7)),
        "x_test, y_test, x_validation, expected x_train, y_train, x_test, y_test, and if wanted both x_validation",
    ),
    "unread part": (saved(x_val=pixels(7), y_val=labels(7)), "x_test, y_test, x_val, y_val, expected x_train"),
    "large": (saved(x_validation=pixels(7, 5), y_validation=labels(7)), "x_validation has examples of shape (5, 5)"),
    "objects": (
        saved(y_test=np.array([{}] * 10, object)),
        "x.npz: y_test holds Python objects, expected an array of numbers",
    ),
    "no array": (with_member("y_test", b"hello"), "x.npz: y_test holds no array, expected an array of numbers"),
    "empty member": (with_member("y_test", b""), "x.npz: y_test holds no array, expected an array of numbers"),
    "cut array": (with_member("y_test", b"\x93NUMPY\x01\x00"), "x.npz: y_test holds something unreadable"),
    "label": (saved(y_test=labelled(10, 3, 12)), "x.npz: y_test has a label 12 at position 3, expected 0 to 9"),
    "counts": (saved(y_test=labels(9)), "x.npz: y_test has 9 labels, expected 10"),
    "structure": (saved(y_test=np.zeros(10, "i4,f4")), "x.npz: y_test holds [("),
}


@pytest.mark.parametrize(("breaking", "message"), BROKEN_NPZ.values(), ids=BROKEN_NPZ)
def test_a_broken_npz_file_is_refused_with_its_name_and_what_was_found(
    tmp_path: Path, breaking: Callable[[Path], object], message: str
) -> None:
    breaking(tmp_path / "x.npz")
    assert message in refused(Npz(path=str(tmp_path / "x.npz")))


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(self: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    path = npz(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert refused(Npz(path=str(path))).startswith(f"{path}: can't be read (Permission denied), expected an .npz file")


@pytest.mark.parametrize("path", ["a\0b", "~nobody-of-this-name/x", "x" * 5000])
def test_a_name_that_no_file_can_have_is_refused(path: Any) -> None:
    assert ": can't be read (" in refused(Npz(path=path))

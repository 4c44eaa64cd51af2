"""Folders of IDX files, under every name that they are given out with, and broken ones."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasets import idx_bytes, idx_files, labels, npz, pixels, refused, same, zipped

from nnexp.data.sources.idx import FILES, Idx
from nnexp.data.sources.npz import Npz
from nnexp.printable import visible


def write(folder: Path, files: Any) -> Any:
    for name, content in files.items():
        (folder / name).write_bytes(content)


def named(files: Any, old: Any, new: Any) -> Any:
    return {name.replace(old, new): content for name, content in files.items()}


NAMINGS = {
    "raw": lambda files: files,
    "gz": zipped,
    "emnist": lambda files: zipped(
        {f"emnist-letters-{name}": raw for name, raw in named(files, "t10k", "test").items()}
    ),
    "dots": lambda files: named(files, "-idx", ".idx"),
    "hidden copies": lambda files: files | {f"._{name}": b"x" for name in files} | {"readme.txt": b"x"},
}


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_idx_files_of_every_naming_hold_what_the_npz_file_holds(
    tmp_path: Path, naming: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    write(folder, naming(idx_files()))
    found, expected = Idx(folder=str(folder)).load(), Npz(path=str(npz(tmp_path))).load()
    for part in ("train", "validation", "test"):
        same(getattr(found, part).x, getattr(expected, part).x)
        same(getattr(found, part).y, getattr(expected, part).y)
    assert (found.name, found.shape, found.classes) == ("letters", (4, 4), 10)
    assert found.sha256 == hashlib.sha256(b"".join(idx_files().values())).hexdigest()


IMAGES, LABELS = FILES[:2]
BROKEN_IDX = {
    "missing": ({IMAGES: None}, f"has no {IMAGES}, expected one {IMAGES} or {IMAGES}.gz"),
    "two": ({f"x-{IMAGES}": b"x"}, f"has {IMAGES} and x-{IMAGES}, expected one {IMAGES}"),
    "both": ({f"{LABELS}.gz": b"x"}, f"has {LABELS} and {LABELS}.gz, expected one {LABELS}"),
    "empty": ({IMAGES: b""}, f"{IMAGES}: is empty, expected an IDX file"),
    "no header": (
        {IMAGES: b"\0\0"},
        f"{IMAGES}: has the magic number 0000, expected 00000803, unsigned bytes in 3 dim",
    ),
    "labels": ({IMAGES: idx_files()[LABELS]}, f"{IMAGES}: has the magic number 00000801, expected 00000803, unsigned"),
    "images": ({LABELS: idx_files()[IMAGES]}, f"{LABELS}: has the magic number 00000803, expected 00000801, unsigned"),
    "floats": ({IMAGES: b"\0\0\x0d\3" + bytes(12)}, f"{IMAGES}: has the magic number 00000d03, expected 00000803"),
    "cut header": ({IMAGES: b"\0\0\x08\3" + bytes(5)}, f"{IMAGES}: ends after 9 bytes, expected a header of 16"),
    "truncated": ({IMAGES: idx_files()[IMAGES][:-1]}, f"{IMAGES}: has 383 bytes after its header, expected 384 for"),
    "too long": (
        {LABELS: idx_files()[LABELS] + b"x"},
        f"{LABELS}: has at least 25 bytes after its header, expected 24 for the",
    ),
    "vast": (
        {IMAGES: b"\0\0\x08\3" + b"\xff" * 12},
        "expected 79228162458924105385300197375 for the shape (4294967295,",
    ),
    "nothing in it": ({IMAGES: idx_bytes(pixels(0))}, f"{IMAGES}: declares the shape (0, 4, 4), expected at least one"),
    "damaged gzip": ({IMAGES: b"\x1f\x8b" + bytes(30)}, f"{IMAGES}: is a damaged gzip file ("),
    "cut gzip": ({IMAGES: gzip.compress(idx_files()[IMAGES])[:-20]}, f"{IMAGES}: is a damaged gzip file (Compressed"),
    "counts": ({LABELS: idx_bytes(labels(23))}, f"{LABELS} has 23 labels, expected 24, as many as"),
    "label": ({FILES[3]: idx_bytes(labels(10) + 1)}, f"{FILES[3]} has a label 10 at position 9, expected 0 to 9"),
}


@pytest.mark.parametrize(("changed", "message"), BROKEN_IDX.values(), ids=BROKEN_IDX)
def test_a_broken_idx_file_is_refused_with_its_name_and_what_was_found(
    tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    write(tmp_path, {name: raw for name, raw in (idx_files() | changed).items() if raw is not None})
    found = refused(Idx(folder=str(tmp_path)))
    assert str(tmp_path) in found
    assert message in found


def test_a_gzip_file_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    raw = bytearray(gzip.compress(idx_files()[IMAGES]))
    raw[len(raw) // 2] ^= 0xFF
    write(tmp_path, idx_files() | {IMAGES: bytes(raw)})
    assert f"{IMAGES}: is a damaged gzip file" in refused(Idx(folder=str(tmp_path)))


@pytest.mark.parametrize(("name", "reason"), [("gone", "No such file"), ("file", "Not a directory"), ("a\0b", "null")])
def test_a_folder_that_is_none_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").write_text("x")
    found = refused(Idx(folder=str(tmp_path / name)))
    assert found.startswith(f"{visible(str(tmp_path / name))}: can't be read (")
    assert reason in found

"""Runs as one file: the same runs are the same bytes, and nothing of a damaged or malicious one is written anywhere."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from copies import KEY, of, recorded, whole

from nnexp.errors import DataError, UsageError
from nnexp.tracking import archive as archive_module
from nnexp.tracking.archive import MANIFEST, export, opened
from nnexp.tracking.copying import copy_run
from nnexp.tracking.folder.run_store import FolderRuns
from nnexp.tracking.run_store import StoredRun
from nnexp.tracking.stores.folder import Folder

HOSTILE = "' OR attributes.run_id LIKE '%"
Change = Callable[[dict[str, bytes], dict[str, Any]], None]


@pytest.fixture
def store(tmp_path: Path) -> FolderRuns:
    return Folder(path=str(tmp_path / "source")).open()


@pytest.fixture
def run(store: FolderRuns, tmp_path: Path) -> StoredRun:
    return recorded(store, tmp_path / "own")


@pytest.fixture
def file(run: StoredRun, tmp_path: Path) -> Path:
    export(tmp_path / "runs.zip", [run])
    return tmp_path / "runs.zip"


def test_all_of_a_run_is_in_an_archive(file: Path, run: StoredRun) -> None:
    with opened(file) as archive:
        assert whole(of(archive, run)) == whole(run)


def test_the_same_runs_are_the_same_bytes_also_after_a_journey(file: Path, run: StoredRun, tmp_path: Path) -> None:
    export(tmp_path / "again.zip", [run])
    target = Folder(path=str(tmp_path / "target")).open()
    with opened(file) as archive:
        copy_run(of(archive, run), target)
    export(tmp_path / "back.zip", target.search())
    assert (tmp_path / "again.zip").read_bytes() == file.read_bytes()
    assert (tmp_path / "back.zip").read_bytes() == file.read_bytes()


def test_a_file_that_is_there_is_not_written_over(file: Path, run: StoredRun) -> None:
    before = file.read_bytes()
    with pytest.raises(UsageError, match="expected a file that is not there yet"):
        export(file, [run])
    assert file.read_bytes() == before


def test_the_manifest_names_no_folder_of_this_machine(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        assert str(tmp_path) not in archive.read(MANIFEST).decode()


def rewritten(file: Path, change: Change) -> None:
    """The archive with other files; the change may add, alter or take away files, and what the manifest says."""
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
        manifest = json.loads(archive.read(MANIFEST))
    change(contents, manifest)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(manifest))
        for name, data in contents.items():
            archive.writestr(name, data)


def listed(contents: dict[str, bytes], manifest: dict[str, Any], name: str, data: bytes) -> None:
    """Add a file that the manifest knows."""
    contents[name] = data
    manifest["files"][name] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def first(contents: dict[str, bytes], end: str) -> str:
    return next(name for name in contents if name.endswith(end))


def altered(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = first(contents, "/weights.npz")
    contents[name] = contents[name][:-1] + b"x"


def longer(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    contents[first(contents, "/weights.npz")] += b"x"


def lacking(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del contents[first(contents, "/weights.npz")]


def added(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    contents["runs/a/b"] = b"more"


def renamed(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """Its run has an id that would be part of another question, once it is in a filter."""
    name = first(contents, "/run.json")
    facts = json.loads(contents.pop(name)) | {"id": HOSTILE}
    del manifest["files"][name]
    listed(contents, manifest, f"runs/{HOSTILE}-{KEY[:16]}/run.json", json.dumps(facts).encode())


def newer(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format"] = 2


def damaged(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["files"] = [1]


def counted(runs: Any) -> Change:
    def change(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
        manifest["runs"] = runs

    return change


def no_run(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
    listed(contents, manifest, first(contents, "/run.json"), b"{}")


def at(name: str) -> Change:
    return lambda contents, manifest: listed(contents, manifest, name, b"out")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (altered, "SHA-256"),
        (longer, "bytes, expected"),
        (lacking, "is not both in it and in its manifest.json"),
        (added, "runs/a/b is not both in it and in its manifest.json"),
        *((counted(odd), "manifest.json is damaged") for odd in (float("inf"), float("nan"), -1, 1.0, "1", True, None)),
        (counted(0), "holds 1 runs that can be read, expected 0"),
        (counted(2), "holds 1 runs that can be read, expected 2"),
        (newer, "is of format 2, expected 1"),
        (damaged, "its manifest.json is damaged"),
        (renamed, "holds 0 runs that can be read, expected 1"),
        (no_run, "holds 0 runs that can be read, expected 1"),
        (at("../out.txt"), "expected files below runs/"),
        (at("runs/../../out.txt"), "expected files below runs/"),
        (at("/out.txt"), "expected files below runs/"),
        (at("C:/out/x.txt"), "expected files below runs/"),
        (at("runs/a\\..\\out.txt"), "expected files below runs/"),
        (at("other/a/out.txt"), "expected files below runs/"),
        (at("runs/a/.nnexp"), "expected files below runs/"),
    ],
)
def test_an_archive_that_is_not_what_it_says_is_refused(file: Path, tmp_path: Path, change: Change, said: str) -> None:
    rewritten(file, change)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match=said), opened(file):
        pass
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_an_archive_is_refused(file: Path) -> None:
    def point(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
        listed(contents, manifest, "runs/a/link", b"/etc/passwd")

    rewritten(file, point)
    with zipfile.ZipFile(file) as archive:
        contents = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(file, "w") as archive:
        for info, data in contents:
            info.external_attr = (0o120777 if info.filename.endswith("link") else 0o644) << 16
            archive.writestr(info, data)
    with pytest.raises(DataError, match="'runs/a/link', expected files below runs/"), opened(file):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_two_files_of_one_name_are_refused(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(archive.namelist()[-1], b"another")
    with pytest.raises(DataError, match="two files of one name"), opened(file):
        pass


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(DataError, match="expected an archive of `nnexp export`"), opened(file):
        pass


def test_an_archive_that_was_cut_short_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(DataError, match="expected an archive of `nnexp export`"), opened(file):
        pass


def test_another_programs_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", b"a")
    with pytest.raises(DataError, match=r"has no manifest\.json"), opened(tmp_path / "a.zip"):
        pass


def test_what_comes_to_far_more_bytes_than_the_archive_has_is_refused_before_it_is_unpacked(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "SMALL", 1 << 20)
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
        manifest = json.loads(archive.read(MANIFEST))
    listed(contents, manifest, "runs/a/zeros", bytes(1 << 22))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: json.dumps(manifest).encode(), **contents}.items():
            archive.writestr(name, data)
    monkeypatch.setattr(archive_module, "_unpack", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(DataError, match=r"comes to 4,\d+,\d+ bytes, expected no more than 1,048,576"), opened(file):
        pass


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_compressed_so_that_a_piece_of_it_may_fill_the_memory_is_refused(file: Path, method: int) -> None:
    with zipfile.ZipFile(file, "a", method) as archive:
        archive.writestr("runs/a/b", b"")
    with pytest.raises(DataError, match="'runs/a/b' is compressed in another way"), opened(file):
        pass


@pytest.mark.parametrize("name", [MANIFEST, "runs/a/run.json", "runs/a/epochs.jsonl"])
def test_a_text_that_is_read_as_a_whole_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(archive_module, "LONGEST_TEXT", 2)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for each in {MANIFEST: b"{}", name: b"[1]"}.items():
            archive.writestr(*each)
    with pytest.raises(DataError, match=rf"'{name}' has 3 bytes, expected no more than 2"), opened(tmp_path / "a.zip"):
        pass


def test_a_file_in_whose_place_is_a_folder_is_refused(file: Path) -> None:
    def change(contents: dict[str, bytes], manifest: dict[str, Any]) -> None:
        listed(contents, manifest, "runs/a/b", b"")
        listed(contents, manifest, "runs/a/b/c", b"")

    rewritten(file, change)
    with pytest.raises(DataError, match="can't be read"), opened(file):
        pass

"""Files that are whole or not there, folders with a mark, and that nothing of anybody else's goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from nnexp.errors import UsageError
from nnexp.runtime.owned_files import LOG, MARK, adopt, discard, forget_empty, made, marked, take, taken, write, written


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Whose a folder is.


def test_a_new_folder_is_made_and_says_whose_it_is(tmp_path: Path) -> None:
    assert take(tmp_path / "a/b", "its key")
    assert marked(tmp_path / "a/b") == "its key"


def test_its_owner_takes_it_again_whatever_is_in_it(tmp_path: Path) -> None:
    take(tmp_path, "its key")
    (tmp_path / "weights.npz").touch()
    assert not take(tmp_path, "its key")


def test_another_owner_is_refused(tmp_path: Path) -> None:
    take(tmp_path, "a" * 64)
    with pytest.raises(UsageError, match="holds files of the run aaaaaaaaaaaa, expected one that is new"):
        take(tmp_path, "b" * 64)
    assert marked(tmp_path) == "a" * 64


def test_a_folder_with_somebodys_files_is_refused_and_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    with pytest.raises(UsageError, match="holds thesis, expected a folder that is new or empty"):
        take(tmp_path, "its key")
    assert names(tmp_path) == ["thesis"]


def test_what_stands_beside_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / LOG).touch()
    assert take(tmp_path, "its key", beside=[LOG])


def test_a_folder_whose_parent_is_tidied_up_meanwhile_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mkdir, away = Path.mkdir, iter([True, True])

    def made_and_gone(path: Path, *words: object, **more: object) -> None:
        mkdir(path, *words, **more)  # type: ignore[arg-type]
        if path.name == "run" and next(away, False):
            path.rmdir()

    monkeypatch.setattr(Path, "mkdir", made_and_gone)
    assert take(tmp_path / "checkpoints/run", "its key")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_a_file_of_the_marks_name_that_is_no_mark_is_somebody_elses(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARK).write_bytes(content)
    with pytest.raises(UsageError, match=r"holds \.nnexp, expected a folder that is new or empty"):
        take(tmp_path, "its key")
    assert (tmp_path / MARK).read_bytes() == content


def test_a_link_of_the_marks_name_is_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "mark").write_text("its key")
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / MARK).symlink_to(tmp_path / "mark")
    with pytest.raises(UsageError, match=r"holds \.nnexp"):
        take(folder, "its key")


def test_what_a_process_leaves_that_is_killed_while_it_marks_a_folder_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f"{MARK}.0123abcd.part").write_text("its k")
    assert take(tmp_path, "its key")


def test_a_folder_from_before_there_were_marks_is_marked_once(tmp_path: Path) -> None:
    (tmp_path / "epoch-000001.npz").touch()
    adopt(tmp_path, "its key")
    adopt(tmp_path, "another")
    assert marked(tmp_path) == "its key"


# Taken for a while.


def test_a_folder_into_which_only_a_log_was_written_is_left_empty(tmp_path: Path) -> None:
    with taken(tmp_path, "its key"):
        (tmp_path / LOG).write_text("looked up")
    assert names(tmp_path) == []


def test_a_folder_with_results_keeps_them_and_its_mark(tmp_path: Path) -> None:
    with taken(tmp_path, "its key"):
        (tmp_path / LOG).touch()
        (tmp_path / "weights.npz").touch()
    assert names(tmp_path) == sorted([MARK, LOG, "weights.npz"])


def test_a_log_that_was_there_before_stays(tmp_path: Path) -> None:
    (tmp_path / LOG).write_text("of an earlier day")
    with taken(tmp_path, "its key", beside=[LOG]):
        pass
    assert (tmp_path / LOG).read_text() == "of an earlier day"


def test_a_folder_that_was_the_owners_before_stays_as_it_is(tmp_path: Path) -> None:
    take(tmp_path, "its key")
    with taken(tmp_path, "its key"):
        (tmp_path / LOG).touch()
    assert names(tmp_path) == sorted([MARK, LOG])


# Deleting.


def test_only_files_of_that_name_go_and_the_mark_stays_with_the_others(tmp_path: Path) -> None:
    take(tmp_path, "its key")
    (tmp_path / "a.npz").touch()
    (tmp_path / "a.npz.backup").touch()
    (tmp_path / "b.npz").mkdir()
    discard(tmp_path, "its key", r"[ab]\.npz")
    assert names(tmp_path) == sorted([MARK, "a.npz.backup", "b.npz"])


@pytest.mark.parametrize("owner", ["another", None])
def test_nothing_goes_from_a_folder_without_the_owners_mark(tmp_path: Path, owner: str | None) -> None:
    if owner:
        take(tmp_path, owner)
    (tmp_path / "a.npz").touch()
    discard(tmp_path, "its key", ".*")
    assert "a.npz" in names(tmp_path)


def test_nothing_goes_through_a_link(tmp_path: Path) -> None:
    there, link = tmp_path / "there", tmp_path / "link"
    take(there, "its key")
    (there / "a.npz").touch()
    link.symlink_to(there)
    discard(link, "its key", ".*")
    assert names(there) == [MARK, "a.npz"]


def test_a_link_in_a_folder_is_no_file_of_ours(tmp_path: Path) -> None:
    take(tmp_path / "run", "its key")
    (tmp_path / "thesis.tex").write_text("mine")
    (tmp_path / "run/a.npz").symlink_to(tmp_path / "thesis.tex")
    discard(tmp_path / "run", "its key", r"a\.npz")
    assert (tmp_path / "run/a.npz").read_text() == "mine"


def test_empty_folders_go_up_to_the_top_and_one_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "outputs/day").mkdir(parents=True)
    forget_empty(tmp_path / "outputs/day/run", tmp_path / "outputs")
    assert names(tmp_path) == []


def test_a_folder_that_is_not_below_the_top_stays(tmp_path: Path) -> None:
    forget_empty(tmp_path, tmp_path / "outputs")
    assert tmp_path.is_dir()


# Writing.


def test_a_file_is_as_it_was_if_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    write(file, "before")
    with suppress(OSError), written(file) as part:
        part.write(b"half of it")
        raise OSError("the disk is full")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("config.yaml", "before")]


def test_a_written_file_has_the_rights_that_any_other_has(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(tmp_path / "config.yaml", "")
    assert (tmp_path / "config.yaml").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_that_is_made_is_whole_when_it_has_its_name(tmp_path: Path) -> None:
    with made(tmp_path / "mlflow.db") as part:
        part.write_bytes(b"a store")
        assert not (tmp_path / "mlflow.db").exists()
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("mlflow.db", b"a store")]


def test_nothing_half_made_stays_nor_its_companions(tmp_path: Path) -> None:
    (tmp_path / ".mlflow.db.part-journal").write_text("of a process that was killed")
    with made(tmp_path / "mlflow.db", "-journal") as part:
        assert names(tmp_path) == []
        part.touch()
        part.with_name(f"{part.name}-journal").touch()
    assert names(tmp_path) == ["mlflow.db"]


def without_links(*_: object) -> None:
    """What a file system does where a file has one name."""
    raise PermissionError("no links here")


@pytest.mark.parametrize("link", [os.link, without_links])
def test_a_file_that_somebody_else_has_made_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[..., None]
) -> None:
    monkeypatch.setattr(os, "link", link)
    with made(tmp_path / "mlflow.db") as part:
        part.write_bytes(b"ours")
        (tmp_path / "mlflow.db").write_bytes(b"with a run in it")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("mlflow.db", b"with a run in it")]


def test_where_files_have_one_name_each_a_file_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", without_links)
    with made(tmp_path / "mlflow.db") as part:
        part.write_bytes(b"a store")
    assert names(tmp_path) == ["mlflow.db"]

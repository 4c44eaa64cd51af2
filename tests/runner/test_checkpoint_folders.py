"""Where checkpoints are, and that tidying there deletes nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nnexp.errors import Diverged
from nnexp.runner import checkpoint_folders
from nnexp.runner.checkpoint_folders import discard, folder_of, kept, new_folder, tidy
from nnexp.runtime.owned_files import MARK, take
from nnexp.tracking.tags import CHECKPOINT_FOLDER

KEY = "0123456789abcdef" * 4
NAMES = ("epoch-000001.npz", "epoch-1000000.npz", ".epoch-000002.npz.0123abcd.part", ".epoch-000003.npz.part")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for the checkpoints of a run, in an empty folder; not made yet."""
    monkeypatch.chdir(tmp_path)
    return new_folder(KEY, Path("12-00-00-000000"))


def with_checkpoints(folder: Path, owner: str | None = KEY) -> Path:
    """Put files as a run leaves them into the folder; `owner=None`: as runs left them when they marked no folder."""
    folder.mkdir(parents=True, exist_ok=True)
    if owner:
        take(folder, owner)
    for name in NAMES:
        (folder / name).write_bytes(b"a checkpoint")
    return folder


def run_at(path: Path, finished: bool = True) -> Any:
    return SimpleNamespace(tags={CHECKPOINT_FOLDER: str(path)}, finished=finished)


def test_the_folder_that_a_tag_names_is_found_by_its_mark(folder: Path) -> None:
    assert folder_of(run_at(with_checkpoints(folder)), KEY) == folder


def test_a_folder_without_a_mark_is_found_by_its_name_and_marked(folder: Path) -> None:
    with_checkpoints(folder, owner=None)
    assert folder_of(run_at(folder), KEY) == folder
    assert (folder / MARK).read_text() == KEY


def test_a_tag_can_not_lead_checkpoints_out_of_their_folder(folder: Path, tmp_path: Path) -> None:
    with_checkpoints(folder)
    take(tmp_path, KEY, beside=["outputs"])
    away = [tmp_path, folder / "../..", folder.parent, folder / "..", Path()]
    assert [folder_of(run_at(path), KEY) for path in away] == [None] * 5


def test_a_tag_that_names_the_folder_of_another_run_finds_none(folder: Path) -> None:
    other = with_checkpoints(folder.parent / f"another-{folder.name}", owner="another")
    assert folder_of(run_at(other), KEY) is None
    assert folder_of(run_at(with_checkpoints(folder, owner="another")), KEY) is None


def test_a_link_among_the_checkpoints_is_not_followed(folder: Path, tmp_path: Path) -> None:
    elsewhere = with_checkpoints(tmp_path / "elsewhere")
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere)
    assert folder_of(run_at(folder), KEY) is None
    discard(folder, KEY)
    assert sorted(path.name for path in elsewhere.iterdir()) == sorted([MARK, *NAMES])


def test_where_the_checkpoints_folder_is_a_link_only_checkpoints_go(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder.parent.parent.mkdir()
    folder.parent.symlink_to(elsewhere)
    with_checkpoints(folder)
    (elsewhere / "thesis.tex").write_text("mine")
    discard(folder, KEY)
    assert [path.name for path in elsewhere.iterdir()] == ["thesis.tex"]


def test_checkpoints_go_with_their_folder_and_the_one_above_if_nothing_else_is_there(folder: Path) -> None:
    discard(with_checkpoints(folder), KEY)
    assert not folder.parent.exists()


def test_a_file_of_the_users_keeps_its_folder(folder: Path) -> None:
    (with_checkpoints(folder) / "epoch-1.npz").write_text("mine")
    discard(folder, KEY)
    assert sorted(path.name for path in folder.iterdir()) == [MARK, "epoch-1.npz"]


def test_checkpoints_of_another_run_stay(folder: Path) -> None:
    discard(with_checkpoints(folder, owner="another"), KEY)
    assert sorted(path.name for path in folder.iterdir()) == sorted([MARK, *NAMES])


@pytest.mark.parametrize(("error", "stays"), [(Diverged, False), (KeyboardInterrupt, True), (OSError, True)])
def test_a_run_that_has_diverged_needs_its_checkpoints_no_more(
    folder: Path, error: type[BaseException], stays: bool
) -> None:
    with pytest.raises(error), kept(with_checkpoints(folder), KEY):
        raise error("it has ended")
    assert folder.exists() == stays


def known(runs: dict[str, Any]) -> Any:
    """A run store that has these runs, by key."""
    return SimpleNamespace(find=runs.get)


def test_tidying_deletes_the_checkpoints_of_finished_runs_alone(folder: Path) -> None:
    left = with_checkpoints(folder)
    going_on = with_checkpoints(folder.parent / "going on", "going on")
    unknown = with_checkpoints(folder.parent / "unknown", "unknown")
    elsewhere = with_checkpoints(folder.parent / "elsewhere", "elsewhere")  # of this key in another store
    unmarked = with_checkpoints(folder.parent / "unmarked", None)
    runs = {KEY: run_at(left), "going on": run_at(going_on, finished=False), "elsewhere": run_at(left)}
    tidy(known(runs))
    assert sorted(folder.parent.iterdir()) == sorted([going_on, unknown, elsewhere, unmarked])


def test_tidying_leaves_no_empty_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    tidy(known({}))
    assert not folder.parent.exists()


def test_a_store_that_is_gone_does_not_end_a_run_that_tidies(folder: Path) -> None:
    def gone(_: str) -> Any:
        raise OSError("the store is away")

    with_checkpoints(folder)
    store: Any = SimpleNamespace(find=gone)
    tidy(store)
    assert folder.exists()


def test_checkpoints_are_under_outputs_of_the_folder_of_the_command(folder: Path, tmp_path: Path) -> None:
    assert folder == tmp_path / checkpoint_folders.CHECKPOINTS / "0123456789abcdef-12-00-00-000000"

"""The journal: whole after a full disk or a kill, whoever appends next."""

from __future__ import annotations

import errno
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from nnexp.errors import UsageError
from nnexp.study.journal import storage
from nnexp.study.whole_lines import WholeLines

TORN = b'{"op_code":7,"worker_id":"some'


def study_in(journal: Path) -> Any:
    return optuna.create_study(
        storage=storage(journal), study_name="a study", direction="maximize", load_if_exists=True
    )


def read_anew(journal: Path) -> Any:
    """The study as Optuna by itself reads it."""
    return optuna.load_study(study_name="a study", storage=JournalStorage(JournalFileBackend(str(journal))))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of a study with one trial, whose last line is cut off."""
    file = tmp_path / "study.log"
    study_in(file).ask()
    with file.open("ab") as lines:
        lines.write(TORN)
    return file


def test_optunas_own_backend_would_break_it_for_ever(journal: Path) -> None:
    """The reason for ours: if this fails, ours is needed no more."""
    for _ in range(2):
        JournalFileBackend(str(journal)).append_logs([{"op_code": 2}])
    with pytest.raises(json.JSONDecodeError):
        read_anew(journal)


def test_opening_it_cuts_off_what_is_not_whole(journal: Path) -> None:
    WholeLines(str(journal))
    assert journal.read_bytes().endswith(b"}\n")
    assert len(read_anew(journal).trials) == 1


def test_so_does_writing_into_one_that_is_open(journal: Path) -> None:
    study_in(journal).ask()
    assert len(read_anew(journal).trials) == 2


def test_nothing_of_a_whole_one_is_changed(journal: Path) -> None:
    WholeLines(str(journal))
    lines = journal.read_bytes()
    WholeLines(str(journal))
    assert journal.read_bytes() == lines


def test_a_line_that_a_full_disk_has_cut_off_is_an_error_and_is_gone_when_there_is_room(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        def write(self, lines: Any, /) -> int:
            return super().write(lines[: len(lines) // 2])

    study = study_in(journal)
    monkeypatch.setattr("nnexp.study.whole_lines.FileIO", Full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        study.ask()
    monkeypatch.undo()
    assert study.ask().number == 1
    assert len(read_anew(journal).trials) == 2


def test_the_lock_is_given_back_after_an_error(journal: Path) -> None:
    study = study_in(journal)
    journal.rename(journal.with_name("elsewhere"))
    with pytest.raises(FileNotFoundError):
        study.ask()
    assert [path.name for path in journal.parent.iterdir()] == ["elsewhere"]


def test_a_process_opens_it_once(journal: Path) -> None:
    assert storage(journal) is storage(journal)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"precious notes", "ends with b'precious notes', expected lines of a journal of Optuna's"),
        (b"precious line 1\nand 2\n", "line 1 is b'precious line 1', expected a line of a journal of Optuna's"),
        (b'{"op_code":99,"worker_id":"w"}\n', "expected a line of a journal of Optuna's"),
        (b"[]\n", "line 1 is b'[]', expected a line of a journal of Optuna's"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes, message: str) -> None:
    (path := tmp_path / "study.journal").write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(message)):
        storage(path)
    assert path.read_bytes() == content


def test_a_link_in_the_place_of_a_journal_is_refused(tmp_path: Path) -> None:
    (mine := tmp_path / "mine.txt").write_text("precious")
    (path := tmp_path / "study.journal").symlink_to(mine)
    with pytest.raises(UsageError, match="is a link, expected a journal"):
        storage(path)
    assert mine.read_text() == "precious"

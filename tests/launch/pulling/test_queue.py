"""A queue's folder: who has a job, and what has come of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnexp.errors import UsageError
from nnexp.launch.pulling import queue_file
from nnexp.launch.pulling.queue import CANCELLED, CLOSED, Queue, Ticket
from nnexp.launch.pulling.queue_file import check_versions, queue_of, read, write
from nnexp.launch.pulling.rounds import attach, jobs_of_round

FIRST, SECOND = Ticket(0, "aa"), Ticket(1, "bb")


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """One with two jobs."""
    monkeypatch.chdir(tmp_path)
    made = Queue(tmp_path / "outputs/sweeps/s")
    made.make()
    made.put(SECOND, {"job": "second"})
    made.put(FIRST, {"job": "first"})
    return made


def test_jobs_wait_in_the_order_of_their_numbers(queue: Queue) -> None:
    assert queue.waiting() == [FIRST, SECOND]


def test_one_worker_alone_gets_a_job(queue: Queue) -> None:
    assert [queue.claim(FIRST, worker) for worker in ("a1", "b2")] == [True, False]
    assert (queue.claims(), queue.waiting()) == ({FIRST: "a1"}, [SECOND])


def test_a_claimed_job_is_read_as_it_was_put(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    assert queue.read(FIRST, "a1") == {"job": "first"}


def test_a_job_that_was_given_back_is_anybodys(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    queue.give_back(FIRST, "a1", killed=False)
    assert queue.claim(FIRST, "b2")


def test_a_job_that_has_killed_its_worker_is_known_by_it(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    queue.give_back(FIRST, "a1", killed=True)
    assert queue.waiting() == [Ticket(0, "aa", kills=1), SECOND]


def test_a_job_is_given_back_once(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    assert [queue.give_back(FIRST, "a1", killed=True) for _ in range(2)] == [True, False]


def test_an_outcome_is_kept_and_the_job_is_over(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    queue.end(FIRST, "a1", {"outcome": 1 / 3}, failed=False)
    assert (queue.outcome(FIRST), queue.outcome(SECOND)) == ({"outcome": 1 / 3}, None)
    assert (queue.outcomes(), queue.ended(), queue.claims()) == ({FIRST: False}, [FIRST], {})


def test_whether_a_job_failed_is_known_without_a_look_into_its_outcome(queue: Queue) -> None:
    queue.claim(FIRST, "a1")
    queue.end(FIRST, "a1", {"died": "was killed by SIGKILL"}, failed=True)
    assert queue.outcomes() == {FIRST: True}


def test_a_new_job_gets_a_number_that_none_has_had(queue: Queue) -> None:
    queue.claim(SECOND, "a1")
    queue.end(SECOND, "a1", {}, failed=False)
    assert queue.next == 2


def test_it_is_over_when_no_job_is_left_and_no_more_will_come(queue: Queue) -> None:
    queue.mark(CLOSED)
    for ticket in (FIRST, SECOND):
        assert not queue.is_over
        queue.claim(ticket, "a1")
    queue.end(FIRST, "a1", {}, failed=False)
    assert not queue.is_over
    queue.end(SECOND, "a1", {}, failed=False)
    assert queue.is_over
    queue.unmark(CLOSED)
    assert not queue.is_over


def test_files_that_are_no_jobs_are_passed_by(queue: Queue) -> None:
    for name in ("notes.txt", ".000000-aa-0.json.12345678.part", "1-aa-0.json"):
        (queue.folder / "waiting" / name).touch()
    assert queue.waiting() == [FIRST, SECOND]


# What a command that comes later finds.


def test_the_same_command_goes_on_with_the_jobs_that_are_there(queue: Queue) -> None:
    write(queue, ["-m"])
    queue.mark(CLOSED)
    attach(queue, ["aa", "bb"])
    assert set(jobs_of_round(queue)) == {FIRST.id, SECOND.id}
    assert queue.is_marked(CLOSED)


def test_a_command_with_other_jobs_is_refused_while_some_are_left(queue: Queue) -> None:
    write(queue, ["-m"])
    queue.mark(CLOSED)
    with pytest.raises(UsageError, match="sweep s: 2 of its jobs are not done yet, and this command's are others"):
        attach(queue, ["aa", "cc"])


def test_a_command_that_was_killed_while_it_put_its_jobs_goes_on(queue: Queue) -> None:
    write(queue, ["-m"])
    attach(queue, ["aa", "bb", "cc"])
    assert set(jobs_of_round(queue)) == {FIRST.id, SECOND.id}


def test_what_a_concluded_command_has_put_is_no_answer(queue: Queue) -> None:
    write(queue, ["-m"])
    queue.mark(CLOSED)
    for ticket in (FIRST, SECOND):
        queue.claim(ticket, "a1")
        queue.end(ticket, "a1", {}, failed=True)
    queue.conclude()
    attach(queue, ["aa", "bb"])
    assert jobs_of_round(queue) == {}
    assert not queue.is_marked(CLOSED)


def test_after_a_cancelled_one_a_command_begins_anew(queue: Queue) -> None:
    write(queue, ["-m"])
    queue.mark(CLOSED)
    queue.mark(CANCELLED)
    attach(queue, ["cc"])
    assert (queue.waiting(), jobs_of_round(queue)) == ([], {})
    assert not queue.is_marked(CANCELLED)


# Who made it.


def test_it_says_by_which_command_it_was_made_and_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    queue = queue_of("s")
    queue.make()
    write(queue, ["-m", "eta=1,2"])
    (tmp_path / "outputs").rename(tmp_path / "elsewhere")  # as seen by another machine, say
    found = read(Queue(tmp_path / "elsewhere/sweeps/s"))
    assert (found.words, found.folder) == (("-m", "eta=1,2"), tmp_path)


def test_a_queue_for_another_folder_than_it_is_in_is_refused(queue: Queue, tmp_path: Path) -> None:
    write(queue, [])
    text = (queue.folder / "queue.json").read_text()
    (queue.folder / "queue.json").write_text(text.replace('"../../.."', '"../../../.."'))
    with pytest.raises(UsageError, match=f"got folder ../../../.., expected {tmp_path}, in whose outputs it is"):
        read(queue)


@pytest.mark.parametrize("words", ["'-m'", "{}", "[1]", "null"])
def test_a_queue_without_words_is_refused(queue: Queue, words: str) -> None:
    write(queue, [])
    text = (queue.folder / "queue.json").read_text()
    (queue.folder / "queue.json").write_text(text.replace("[]", words.replace("'", '"')))
    with pytest.raises(UsageError, match="is no sweep's folder"):
        read(queue)


def test_a_folder_without_a_queue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no sweep's folder, expected one such as outputs/sweeps/NAME"):
        read(Queue(tmp_path))


def test_a_queue_of_another_format_is_refused(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    write(queue, [])
    monkeypatch.setattr(queue_file, "FORMAT", 2)
    with pytest.raises(UsageError, match="got format 1, expected 2"):
        read(queue)


@pytest.mark.parametrize("name", ["nnexp", "numpy", "Python"])
def test_another_version_is_refused_by_name(queue: Queue, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write(queue, [])
    here = queue_file.versions()
    monkeypatch.setattr(queue_file, "versions", lambda: {**here, name: "0.0"})
    with pytest.raises(UsageError) as refused:
        check_versions(read(queue), "this worker")
    expected = f"expected {here[name]}, which the sweep was begun with"
    assert refused.value.lines == [f"this worker: got {name} 0.0, {expected}"]


def test_a_sweeps_folder_can_not_be_another(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sweep.name: got '..'"):
        queue_of("..")

"""How a sweep that nobody waits for is concluded: by which commands, and by which not."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnexp.errors import UsageError
from nnexp.launch.pulling.queue import CONCLUDED, CONCLUDING, Queue, Ticket
from nnexp.launch.pulling.queue_file import read, write
from nnexp.sweeps.concluding import conclude, conclude_if_last, unsafe_word


def queue(folder: Path, *words: str, more: bool = False) -> Queue:
    """One without jobs, of that command."""
    made = Queue(folder / "outputs/sweeps/s")
    made.folder.mkdir(parents=True)
    made.make()
    write(made, words, more)
    return made


@pytest.mark.parametrize(
    "word",
    [
        "--config-dir=.",
        "--config-name=x",
        "-cp=x",
        "--info",
        "hydra.job_logging.handlers.file.class=x",
        "+hydra.x=1",
        "~hydra.x",
        "hydra/job_logging=x",
        "+data@hydra.launcher=x",
        "data={_target_:os.system}",
        "+data._target_=os.system",
        "experiments=../../shared/x",
        "experiments=rates,'../x'",
        "experiments=/srv/x",
        "experiments=${data.path}",
        "--strange",
    ],
)
def test_a_word_that_could_run_code_is_told(word: str) -> None:
    assert unsafe_word(("-m", "eta=1,2", word))


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "launch=workers", "eta=0.5,1.0", "seed=range(3)", "sizes=[64,10],[64,30,10]"),
        ("--multirun", "experiments=rates", "data.path=../digits.npz", "tracking=mlflow", "tracking.uri=http://a/b"),
        ("-m", "--eta=1,2", "sweep.name=s", "'launch.resources={licence:1}'", "~experiments"),
    ],
)
def test_what_is_typed_for_a_sweep_is_none(words: tuple[str, ...]) -> None:
    assert not unsafe_word(words)


def test_a_sweep_whose_command_has_such_a_word_is_not_concluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = queue(tmp_path, "-m", "hydra.job.num=3")
    with pytest.raises(
        UsageError, match=r"sweep s: its command says hydra\.job\.num=3, which is not taken from a file"
    ):
        conclude(made, read(made))
    assert not made.is_marked(CONCLUDED)


def test_a_search_that_nobody_waits_for_is_not_gone_on_with_by_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = queue(tmp_path, "-m", "search=random", "eta=interval(1,3)", "launch=workers", more=True)
    made.put(Ticket(made.next, "5eed" * 16), {"job": {}})
    told: list[str] = []
    conclude_if_last(made, read(made), told.append)
    assert told == ["nobody waits for search s: its command typed again goes on with it"]
    assert not made.is_marked(CONCLUDING)


@pytest.mark.slow
def test_nothing_is_imported_from_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").write_text("open('imported', 'w')")
    (tmp_path / "hydra.py").write_text("open('imported', 'w')")
    made = queue(tmp_path, "--help")
    monkeypatch.setattr("nnexp.sweeps.concluding.unsafe_word", lambda words: "")
    assert conclude(made, read(made)) == 0
    assert not (tmp_path / "imported").exists()

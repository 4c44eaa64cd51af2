"""What moves on a page while something trains."""

from __future__ import annotations

from typing import Any

import pytest

from nnexp.launch.display import Tally
from nnexp.launch.job_events import Died, JobEnded, JobProgress
from nnexp.notebook import live
from nnexp.train.events import Ended, EpochDone, Started


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the page was told; each time at once."""
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.0)
    return []


def done(epoch: int) -> EpochDone:
    accuracies = {"test_accuracy": 0.9 + epoch / 100, "validation_accuracy": 0.9}
    return EpochDone(epoch, accuracies | {"train_cost": 0.1, "epoch_seconds": 0.2})


def failure(outcome: Any) -> str:
    return outcome.how if isinstance(outcome, Died) else ""


def test_this_is_no_notebook() -> None:
    assert not live.in_notebook()


def test_epochs_are_a_bar_in_words_and_from_the_second_on_a_curve(pages: list[str]) -> None:
    shown = live.Epochs(pages.append)
    shown(Started(None, None, 4))  # type: ignore[arg-type]  # it looks at the number of epochs alone
    for epoch in range(3):
        shown(done(epoch))
    assert '<progress max="100" value="50">' in pages[-1]
    assert "epoch 2 of 4: test 92.00 %" in pages[-1]
    assert ["<svg" in page for page in pages] == [False, False, True]


def test_a_run_that_has_ended_leaves_the_page_to_its_result(pages: list[str]) -> None:
    shown = live.Epochs(pages.append)
    shown(Ended("FINISHED"))
    assert pages == [""]


def test_a_page_is_drawn_only_so_often() -> None:
    pages: list[str] = []
    shown = live.Epochs(pages.append)
    for epoch in range(100):
        shown(done(epoch))
    assert len(pages) < 100


def test_jobs_are_a_bar_in_words(pages: list[str]) -> None:
    with live.jobs(Tally(["a", "b"], failure), pages.append) as tell:
        tell(0, JobProgress(2, 4, "test 97 %"))
    assert "0 of 2 jobs, 2 epochs" in pages[1]
    assert 'value="25"' in pages[1]


def test_a_job_that_failed_stays_on_the_page(pages: list[str]) -> None:
    with live.jobs(Tally(["<a>", "b"], failure), pages.append) as tell:
        tell(0, JobEnded(Died("was killed by SIGKILL")))
        tell(1, JobEnded("fine"))
    assert pages[-1] == "<div>1/2  &lt;a&gt;  failed: was killed by SIGKILL</div>"

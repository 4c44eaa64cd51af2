"""What moves while something trains: in a notebook a bar with its curve, anywhere else what the command shows."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from html import escape
from typing import Any

from nnexp.launch.display import Told, display
from nnexp.launch.job_events import JobEvent, OnEvent
from nnexp.notebook.kernel import shell
from nnexp.plots.run_charts import learning_curve
from nnexp.plots.svg_drawing import svg
from nnexp.train.events import Ended, EpochDone, Event, Listener, Started
from nnexp.train.history import History
from nnexp.train.progress import in_words, progress

EVERY_SECONDS = 0.25  # a page is drawn no more often
LINES = 8  # of what has gone wrong, below the bar


def in_notebook() -> bool:
    """Whether a page shows what is displayed: a Jupyter kernel, and not a terminal's IPython."""
    return shell() is not None


def _import_tqdm() -> None:
    """MLflow and Optuna import it, and it then warns of a package that their bars would want; they draw none here."""
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.simplefilter("ignore")
        import tqdm.auto  # noqa: F401


if in_notebook():
    _import_tqdm()


def shown_epochs() -> Listener:
    """What shows the epochs of a run."""
    return Epochs(_page()) if in_notebook() else progress()


def shown_jobs(told: Told) -> AbstractContextManager[OnEvent]:
    """What shows the jobs of a sweep or a search."""
    return jobs(told, _page()) if in_notebook() else display(told)


def _page() -> Callable[[str], None]:
    """A place in the page that shows what it is told last."""
    from IPython.display import HTML
    from IPython.display import display as show

    handle: Any = show(HTML(""), display_id=True)
    return lambda html: handle.update(HTML(html))


class Epochs:
    """Shows a bar over the epochs, the latest in words, and the curve so far. page: is told the HTML."""

    def __init__(self, page: Callable[[str], None]) -> None:
        self._page = page
        self._history = History()
        self._epochs = 1
        self._drawn = 0.0

    def __call__(self, event: Event) -> None:
        self._history(event)
        match event:
            case Started(epochs=epochs):
                self._epochs = epochs
            case EpochDone() if time.monotonic() >= self._drawn + EVERY_SECONDS:
                self._page(self._html(event))
                self._drawn = time.monotonic()
            case Ended():
                self._page("")  # what the run came to is shown by its result

    def _html(self, latest: EpochDone) -> str:
        words = f"epoch {latest.epoch} of {self._epochs}: {in_words(latest)}"
        curve = svg(learning_curve(self._history), points=False) if len(self._history.epochs) > 2 else ""
        return bar(latest.epoch / self._epochs, words) + curve


@contextmanager
def jobs(told: Told, page: Callable[[str], None]) -> Iterator[OnEvent]:
    """Shows a bar over the jobs, how they stand, and what has gone wrong."""
    lines: list[str] = []
    drawn = 0.0

    def show(number: int, event: JobEvent) -> None:
        nonlocal drawn
        line = told.hear(number, event)
        if line and not told.is_success(event):
            lines.append(line)
        if time.monotonic() >= drawn + EVERY_SECONDS:
            below = "".join(f"<div>{escape(each)}</div>" for each in lines[-LINES:])
            page(bar(told.share, told.in_words()) + below)
            drawn = time.monotonic()

    try:
        page(bar(0.0, told.in_words()))
        yield show
    finally:
        page("".join(f"<div>{escape(each)}</div>" for each in lines[-LINES:]))


def bar(share: float, words: str) -> str:
    """A bar with words beside it. share: 0 to 1."""
    percent = round(100 * min(1.0, share))
    return f'<div><progress max="100" value="{percent}">{percent} %</progress> {escape(words)}</div>'

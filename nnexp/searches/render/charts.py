"""The charts of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nnexp.comparison.render.charts import WIDTH, Figure
from nnexp.searches.matters import Matters
from nnexp.searches.render.history import curves, history
from nnexp.searches.render.scales import Axis, axis
from nnexp.searches.render.slices import over_setting, pair
from nnexp.searches.render.together import coordinates, front
from nnexp.searches.render.values import all_words, named, words
from nnexp.searches.searched import Searched

MOST = 8  # settings in one chart, those that matter most


def charts(searched: Searched, found: Matters) -> Iterator[Figure]:
    """All that there are; none where no two trials are complete. found: what matters for the first objective."""
    if len(searched.complete) < 2:
        return
    if searched.several:
        for other, objective in enumerate(searched.objectives[1:], 1):
            name = "front" if other == 1 else f"front_{objective}"
            yield Figure(name, _front_shows(searched, objective), front(searched, other, WIDTH))
    else:
        yield Figure("history", _history_shows(searched), history(searched, WIDTH))
    if along := _axes(searched, found):
        yield from _over_settings(searched, along)
    if searched.counts.get("pruned") and any(trial.curve for trial in searched.complete):
        shows = "Validation accuracy by epoch, of each trial's first seed; a cross is where one was pruned."
        yield Figure("learning_curves", shows, curves(searched, WIDTH))


def _over_settings(searched: Searched, along: Sequence[Axis]) -> Iterator[Figure]:
    """The values over each setting, over two and over all."""
    marked = "the front is" if searched.several else "the best trial is"
    objectives = all_words(searched.objectives)
    for each in along:
        shows = _sentence(f"{objectives} of the complete trials over {each.name}; {marked} orange.")
        yield Figure(f"by_{each.name.replace('.', '_')}", shows, over_setting(searched, each, WIDTH))
    if len(along) > 1:
        across, up = along[:2]
        crosses = "; a cross was pruned" if searched.counts.get("pruned") else ""
        by = words(searched.objectives[0])
        shows = f"Each trial by {across.name} and {up.name}, the bluer, the better in {by}; {marked} ringed{crosses}."
        yield Figure("pair", shows, pair(searched, across, up, WIDTH))
    if len(along) > 2:
        better = f"the bluer, the better{' in the first of these' if searched.several else ''}"
        shows = f"Each complete trial is a line through its settings to {objectives}; {better}."
        yield Figure("parallel", shows, coordinates(searched, along, WIDTH))


def _axes(searched: Searched, found: Matters) -> list[Axis]:
    """The settings that vary, from the one that matters most."""
    names = dict.fromkeys([*(name for name in found.settings if name in searched.over), *searched.over])
    every = [axis(searched, name) for name in names]
    return [each for each in every if each][:MOST]


def _front_shows(searched: Searched, other: str) -> str:
    of = f"{len(searched.front)} of {len(searched.complete)} trials are the front (blue, with their numbers)"
    return _sentence(f"{words(searched.objectives[0])} over {words(other)}: {of}.")


def _history_shows(searched: Searched) -> str:
    best, objective = searched.best, searched.objectives[0]
    assert best is not None  # noqa: S101  # there are no charts without it
    return _sentence(
        f"{words(objective)} by trial: the best is {named(objective, best.values[0])}, of trial {best.number}."
    )


def _sentence(shows: str) -> str:
    return shows[0].upper() + shows[1:]

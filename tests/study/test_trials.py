"""A search's memory: what is asked for is kept at once, and told once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nnexp.errors import UsageError
from nnexp.study.samplers.random import Random
from nnexp.study.trials import Drawing, Trials

ABOUT = {"search": "random", "space": ["a: 0 to 1"]}


def trials(folder: Path, about: dict[str, Any] = ABOUT) -> Trials:
    drawing = Drawing(Random(), lambda trial: {"a": repr(trial.suggest_float("a", 0, 1))}, {}, 10)
    return Trials(folder / "journal", "s", drawing, about)


def test_a_trial_that_was_asked_for_is_there_after_a_kill(tmp_path: Path) -> None:
    asked = trials(tmp_path).ask()
    assert [each.suggested for each in trials(tmp_path).interrupted()] == [asked.suggested]


def test_a_trial_that_was_cut_short_while_it_was_drawn_is_drawn_again(tmp_path: Path) -> None:
    def interrupt(trial: object) -> dict[str, str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trials(tmp_path / "journal", "s", Drawing(Random(), interrupt, {}, 10), ABOUT).ask()
    (other := tmp_path / "other").mkdir()
    assert [each.suggested for each in trials(tmp_path).interrupted()] == [trials(other).ask().suggested]


def test_results_of_seeds_are_kept_in_their_order(tmp_path: Path) -> None:
    first = trials(tmp_path)
    asked = first.ask()
    for seed, accuracy in ((5, 0.9), (3, 0.8)):
        first.remember(asked, seed, [accuracy])
    (again,) = trials(tmp_path).interrupted()
    assert list(again.results.items()) == [(5, [0.9]), (3, [0.8])]


def test_a_trial_that_was_told_is_not_taken_up_again(tmp_path: Path) -> None:
    first = trials(tmp_path)
    first.tell(first.ask(), [0.5])
    first.tell_pruned(first.ask(), "hopeless")
    again = trials(tmp_path)
    assert not again.interrupted()
    told = [(each.state, list(each.values), each.why) for each in again.all()]
    assert told == [("COMPLETE", [0.5], ""), ("PRUNED", [], "hopeless")]


def test_a_study_of_another_space_is_refused(tmp_path: Path) -> None:
    trials(tmp_path)
    message = r"sweep.name: s is another search \(space: \['a: 0 to 1'\], now \['b'\]\), expected another name"
    with pytest.raises(UsageError, match=message):
        trials(tmp_path, ABOUT | {"space": ["b"]})


FOREIGN = {  # what another hand may have put in the place of a line of the journal, by what that line holds
    '"a":"': ('"a":"0.1","tracking.uri":"http://x","a":"', None),
    '"param_value_internal":': ('"param_value_internal":7.5,"was":', "trial 0 is none of this search"),
    '"results":{"0":[': ('"results":{"0":[1e999,', "trial 0 is none of this search: got [inf, 0.5], expected finite"),
}


@pytest.mark.parametrize("line", FOREIGN)
def test_a_journal_can_not_choose_what_is_not_in_the_space(tmp_path: Path, line: str) -> None:
    first = trials(tmp_path)
    asked = first.ask()
    first.remember(asked, 0, [0.5])
    journal, (written, message) = tmp_path / "journal", FOREIGN[line]
    text = journal.read_text()
    assert line in text
    (other := tmp_path / "other").mkdir()
    (other / "journal").write_text(text.replace(line, written))
    if message is None:
        assert [each.suggested for each in trials(other).all()] == [asked.suggested]
    else:
        with pytest.raises(UsageError, match=re.escape(message)):
            trials(other).all()

"""What a search says: whether it has found something better, what was luck, what it cost and what matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from searches import DEFAULT, fresh, search, tried, varied
from trials import ending

from nnexp.comparison.comparison import compare
from nnexp.searches.matters import Matters, matters
from nnexp.searches.render.sentences import cost_line, headline, lines, matters_line, notes
from nnexp.searches.searched import Searched
from nnexp.study.objectives import VALIDATION

WINNER: Mapping[str, Any] = {"eta": 1.25, "mini_batch_size": 10, "optimiser": "sgd"}
SECOND: Mapping[str, Any] = {"eta": 0.5, "mini_batch_size": 20, "optimiser": "sgd"}


def judged(winner: float, default: float, second: float = 0.96, validation: float = 0.975, **more: Any) -> Searched:
    """A search whose best trial has these test accuracies by fresh seeds, as the default and the runner-up have."""
    confirmation = fresh((WINNER, validation, winner), (SECOND, 0.97, second), (DEFAULT, 0.96, default), **more)
    return search(tried(0, 0.97, **SECOND), tried(1, 0.98, **WINNER), confirmation=confirmation)


def test_the_best_trial_is_named_with_its_settings_and_its_value() -> None:
    (best, _) = lines(search(tried(0, 0.9, eta=3.0), tried(17, 0.9791, eta=1.3, mini_batch_size=10)))
    assert best == "best trial 17: eta=1.3 mini_batch_size=10: validation 97.91 % (3 seeds)"


def test_a_setting_that_was_drawn_is_shown_in_four_digits() -> None:
    found = search(tried(0, eta=0.123456789), tried(1, 0.8, eta=1.0))
    assert "eta=0.1235:" in lines(found)[0]
    assert any("four digits" in note for note in notes(found))


def test_it_has_found_something_better_if_fresh_seeds_say_so() -> None:
    said = headline(judged(winner=0.97, default=0.96))
    assert said.startswith("the search has found something better than the default settings: by fresh seeds its best")
    assert "beats them by 1.00 ± 0." in said
    assert "6 seeds, p" in said


def test_a_lead_that_chance_explains_may_be_only_luck() -> None:
    said = headline(judged(winner=0.9601, default=0.96))
    assert said.startswith("the search may have found something better than the default settings, or only something lu")
    assert "can't tell" in said


def test_one_fresh_seed_can_not_tell() -> None:
    assert "can't tell from one seed each" in headline(judged(winner=0.99, default=0.9, seeds=1))


def test_a_winner_that_the_default_beats_is_nothing_better() -> None:
    said = headline(judged(winner=0.95, default=0.96))
    assert said.startswith("the search has found nothing better than the default settings: by fresh seeds they beat")


def test_a_winner_behind_the_default_is_not_called_perhaps_better() -> None:
    said = headline(judged(winner=0.9599, default=0.96))
    assert said.startswith("nothing shows that the search has found something better")
    assert "they are ahead of its best trial" in said


def test_the_default_settings_as_the_winner_are_nothing_better() -> None:
    found = search(tried(0, 0.98, **DEFAULT), tried(1, 0.97, **WINNER), confirmation=fresh((DEFAULT, 0.97, 0.97)))
    assert headline(found).endswith("nothing better than the default settings: its best trial has just these")
    assert lines(found)[0] == (
        "best trial 0: eta=3 mini_batch_size=10 optimiser=sgd, the default settings: validation 98.00 % (3 seeds)"
    )


def test_the_best_of_many_is_partly_luck_where_nothing_was_confirmed() -> None:
    said = headline(search(tried(0, eta=1.0), tried(1, eta=2.0), tried(2, None, "pruned", eta=3.0)))
    assert said.startswith("the best of 3 trials is always partly luck")


def test_no_verdict_without_a_result_of_the_default_settings() -> None:
    found = search(tried(0, 0.97, **SECOND), tried(1, 0.98, **WINNER), confirmation=fresh((WINNER, 0.97, 0.97)))
    assert headline(found) == "no verdict: of the default settings no run with a fresh seed has a result"


def test_no_verdict_between_settings_that_learn_from_different_data() -> None:
    runs = [(dict(WINNER) | {"data": "a"}, 0.97, 0.97), (dict(DEFAULT) | {"data": "b"}, 0.9, 0.9)]
    found = search(tried(0, 0.97, **SECOND), tried(1, 0.98, **WINNER), confirmation=fresh(*runs))
    assert headline(found).startswith("no verdict: the best trial and the default settings do not learn")


def test_no_verdict_on_accuracy_where_the_search_was_for_something_else() -> None:
    found = search(tried(0, 3.0, eta=1.0), tried(1, 2.0, eta=2.0), objectives=["train_seconds"])
    assert headline(found) == "no verdict: fresh seeds judge accuracy, and this search was for train seconds"
    assert lines(found)[0] == "best trial 1: eta=2: training 2.0 s (3 seeds)"


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([], "no trial has a result: none was tried"),
        ([tried(0, None, "failed"), tried(1, None, "pruned")], "no trial has a result: 1 pruned, 1 failed"),
        ([tried(0, eta=1.0)], "one trial has a result, and there is no other to compare it with"),
    ],
    ids=["none", "none complete", "one"],
)
def test_few_trials_say_what_there_is(trials: list[Any], expected: str) -> None:
    assert headline(search(*trials)) == expected


def test_the_winner_is_compared_with_the_runner_up_and_that_with_the_default() -> None:
    said = lines(judged(winner=0.97, second=0.965, default=0.96))
    assert any(line.startswith("the best trial beats the runner-up (trial 0) by 0.50 ± ") for line in said)
    assert any(line.startswith("the runner-up (trial 0) beats the default settings by 0.50 ± ") for line in said)


def test_a_runner_up_that_beats_the_winner_by_fresh_seeds_is_named() -> None:
    said = lines(judged(winner=0.965, second=0.975, default=0.96))
    assert any(line.startswith("the runner-up (trial 0) beats the best trial by 1.00 ± ") for line in said)


def test_what_a_winner_loses_by_fresh_seeds_was_luck() -> None:
    (line,) = [line for line in lines(judged(winner=0.97, default=0.96)) if "luck" in line]
    assert line.startswith("validation of the best trial: 98.00 % in the search, 97.50 % by 6 fresh seeds: 0.50 points")
    low, high = map(float, line.partition("interval ")[2].rstrip(")").split(" to "))
    assert low < 0.5 < high


def test_a_winner_that_fresh_seeds_confirm_had_no_luck() -> None:
    assert any(line.endswith("no luck in it") for line in lines(judged(0.97, 0.96, validation=0.981)))


def test_the_winner_is_found_by_its_settings_also_where_another_is_ahead_by_fresh_seeds() -> None:
    (line,) = [line for line in lines(judged(0.97, 0.96, validation=0.95)) if "luck" in line]
    assert "95.00 % by 6 fresh seeds" in line


def test_what_it_cost_and_what_pruning_saved() -> None:
    trials = [tried(0, eta=1.0), tried(1, None, "pruned", eta=2.0), tried(2, None, "pruned", eta=2.0, epochs=10)]
    assert cost_line(search(*trials)) == (
        "3 trials: 1 complete, 2 pruned; 16 epochs trained, up to 10 saved by pruning"  # of 4, and of 10
    )


def test_several_objectives_have_a_front_and_no_verdict() -> None:
    trials = [tried(0, (0.98, 9.0), eta=1.0), tried(1, (0.95, 2.0), eta=2.0), tried(2, (0.94, 3.0), eta=3.0)]
    found = search(*trials, objectives=[VALIDATION, "train_seconds"], confirmation=fresh((DEFAULT, 0.9, 0.9)))
    assert headline(found) == (
        "2 of 3 trials are the front: no other trial beats one of them in validation accuracy and train seconds at once"
    )
    assert lines(found)[:2] == [
        "best in validation accuracy: trial 0: eta=1: validation 98.00 %, training 9.0 s (3 seeds)",
        "best in train seconds: trial 1: eta=2: validation 95.00 %, training 2.0 s (3 seeds)",
    ]


def test_equal_trials_are_both_on_the_front() -> None:
    trials = [tried(number, (0.98, 9.0), eta=1.0 + number) for number in range(2)]
    assert len(search(*trials, objectives=[VALIDATION, "parameters"]).front) == 2


def test_of_equally_good_trials_the_smaller_network_is_the_best() -> None:
    large, small = tried(0, 0.9, sizes=[64, 100, 10]), tried(1, 0.9, sizes=[64, 10, 10])
    assert search(large, small).best is small


def test_the_runner_up_has_other_settings_than_the_best() -> None:
    twice = [tried(0, 0.98, eta=1.0), tried(1, 0.97, eta=1.0), tried(2, 0.96, eta=2.0)]
    assert search(*twice).runner_up is twice[2]


def on_a_grid(effect: float) -> Searched:
    """Three values of eta and two of another setting, each pair tried twice."""
    noise = np.random.default_rng(1)
    cells = [(eta, size) for eta in (0.5, 1.0, 2.0) for size in (10, 20)] * 2
    return search(
        *[
            tried(number, 0.9 + effect * eta + noise.normal(0, 0.001), eta=eta, mini_batch_size=size)
            for number, (eta, size) in enumerate(cells)
        ]
    )


def test_fewer_than_ten_trials_do_not_say_what_matters() -> None:
    assert matters_line(matters(varied(9))) == "what matters: 7 complete trials can't tell, it takes 10 or more"


def test_what_matters_is_said_with_how_much_is_explained() -> None:
    found = matters(on_a_grid(effect=0.01))
    assert found.settings[0] == "eta"
    assert found.explained > 0.9
    assert "what matters for validation accuracy: eta 9" in matters_line(found)
    assert next(iter(found.fanova)) == "eta"


def test_noise_gets_no_fanova_which_would_call_it_important() -> None:
    found = matters(on_a_grid(effect=0.0))
    assert found.explained < 0.25
    assert not found.fanova


def test_a_setting_that_only_some_trials_have_gets_no_fanova(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = {"eta": 0.5, "optimiser.momentum": 0.2, "rest": 0.3}
    monkeypatch.setattr("nnexp.searches.matters.importance", lambda *_: shares)
    found = matters(varied(14))
    assert set(found.fanova) == {"eta", "optimiser"}
    assert sum(found.fanova.values()) == pytest.approx(1)


def test_what_is_hardly_explained_may_be_chance() -> None:
    hardly = Matters(VALIDATION, 20, {"eta": 0.1, "rest": 0.9})
    assert matters_line(hardly).endswith("unseen trials, which may be chance)")
    assert "can't tell" in matters_line(Matters(VALIDATION, 20, {"eta": 0.0, "rest": 1.0}))


def test_a_search_in_which_nothing_matters_is_rarely_said_to_have_found_something() -> None:
    said = [headline(null_search(seed)) for seed in range(30)]
    claims = [line for line in said if line.startswith("the search has found something better")]
    assert len(claims) <= 1


def null_search(seed: int) -> Searched:
    """A search whose winner, runner-up and default settings are equally good."""
    draw = np.random.default_rng(seed)
    runs = [
        ending(0.96 + draw.normal(0, 0.001), **settings, seed=number)
        for settings in (WINNER, SECOND, DEFAULT)
        for number in range(5)
    ]
    return search(tried(0, 0.97, **SECOND), tried(1, 0.98, **WINNER), confirmation=compare("confirmed", runs))

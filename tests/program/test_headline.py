"""What a comparison leads with: what can be told of the settings, and only then which single run was best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from nnexp.comparison.comparison import Comparison, compare
from nnexp.comparison.render.html import as_html
from nnexp.comparison.render.sentences import headline, verdict_lines
from nnexp.comparison.render.text import markdown, table_rows
from nnexp.comparison.trial import Trial

SEEDS = 12
APART = [0.9 + 0.001 * seed for seed in range(SEEDS)]
SPREAD = {1: (0.90, 0.93, 0.96), 2: (0.92, 0.91, 0.93), 3: (0.91, 0.89, 0.93)}  # nothing can be told of these


def settings(results: Mapping[float, Sequence[float]], validation: Mapping[float, float] | None = None) -> Comparison:
    """By eta: the test accuracies of its seeds, whose validation accuracy is the same unless it is given."""
    return compare(
        "sweep x",
        [
            Trial(
                f"{eta}-{seed}",
                f"eta={eta}",
                "FINISHED",
                {"eta": eta, "seed": seed},
                {0: 0.1, 1: (validation or {}).get(eta, test)},
                {0: 0.1, 1: test},
                test_images=10_000,
            )
            for eta, tests in results.items()
            for seed, test in enumerate(tests)
        ],
    )


def lower(by: float) -> list[float]:
    return [value - by + 0.0001 * (-1) ** seed for seed, value in enumerate(APART)]


def test_a_setting_that_beats_all_others_is_what_it_leads_with() -> None:
    found = settings({1: APART, 2: lower(0.1), 3: lower(0.2)})
    assert headline(found) == "eta=1 beats both others"
    assert verdict_lines(found)[0].startswith(
        f"eta=2: beaten by 10.00 ± 0.01 points of test accuracy ({SEEDS} seeds, p "
    )


def test_where_nothing_can_be_told_it_says_so_and_how_many_seeds_would() -> None:
    found = settings(SPREAD)
    more = [verdict.more for verdict in found.verdicts]
    told = f" (about {max(filter(None, more))} more seeds would tell)" if all(more) else ""
    assert headline(found) == f"can't tell yet which of 3 settings is best: eta=1 is ahead on validation{told}"
    assert all("beat" not in line and not line.startswith("eta=1") for line in verdict_lines(found))


def test_what_is_beaten_and_what_is_not_are_both_named() -> None:
    found = settings({1: APART, 2: APART[::-1], 3: lower(0.2)})
    assert headline(found).startswith("eta=1 beats eta=3; it can't be told yet whether it beats eta=2")


def test_a_setting_that_validation_puts_first_and_test_does_not_is_not_called_better() -> None:
    found = settings({1: lower(0.2), 2: lower(0.1), 3: APART}, validation={1: 0.99})
    assert headline(found) == "eta=3 and eta=2 beat eta=1, which is ahead on validation"
    assert verdict_lines(found)[0].startswith("eta=3: beats it by 20.0")


def test_of_two_settings_the_verdict_is_all() -> None:
    found = settings({1: APART, 2: lower(0.1)})
    assert headline(found).startswith("eta=1 beats eta=2 by 10.00 ± 0.01 points of test accuracy")
    assert verdict_lines(found) == []


@pytest.mark.parametrize(
    ("seeds", "told"),
    [
        (1, "one run, and nothing to compare it with"),
        (3, "one setting, test accuracy 90.10 ± 0.10 % (3 seeds)"),
    ],
)
def test_of_one_setting_there_is_no_verdict(seeds: int, told: str) -> None:
    found = settings({1: APART[:seeds]})
    assert (headline(found), verdict_lines(found)) == (told, [])


def test_the_page_leads_with_the_verdict_and_the_best_run_is_a_detail_below() -> None:
    found = settings(SPREAD)
    page = as_html(found, [], None)
    lead, table, best = (page.index(part) for part in ('class="lead"', 'id="settings"', "eta=1 seed=2: 96.00 %"))
    assert lead < table < best
    assert page[lead:table].count("seed=") == 0
    assert page.index("can&#39;t tell yet which of 3 settings is best") > lead


def test_a_setting_without_a_result_is_a_row_that_says_what_became_of_it() -> None:
    finished = settings({1: APART, 2: lower(0.1)}).trials
    diverged = [replace(finished[0], id="x", status="FAILED", settings={"eta": eta, "seed": 0}) for eta in (1, 1000)]
    found = compare("sweep x", [*finished, *diverged])
    assert [row[0] for row in table_rows(found)] == ["1", "2", "1000"]
    assert table_rows(found)[-1] == ["1000", *["-"] * 7, "FAILED"]
    assert markdown(found).splitlines()[-1] == "| 1000 | - | - | - | - | - | - | - | FAILED |"

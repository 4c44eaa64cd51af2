"""What a search finds with a quarter of a grid's epochs: ours by four methods, and Optuna in a plain loop.

python scripts/bench_search.py some/folder                        # hours; the same command again goes on
python scripts/bench_search.py some/folder --repetitions 1 --methods tpe random
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import mean

from bench_search.ours import best_of_grid, by_fresh_seeds, searched, settings_of
from bench_search.paid import Step, best_at
from bench_search.task import BUDGET, METHODS

NEAR = 0.001  # of the grid's best, in accuracy


def main() -> None:
    """Print a line for each method: the best so far at shares of the budget, and the winners by fresh seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="keeps the runs")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--optuna", action="store_true", help="also Optuna by itself, in one process")
    said = parser.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[list[Step]]] = {
        method: [searched(said.folder, method, each) for each in range(said.repetitions)] for method in said.methods
    }
    if said.optuna:
        from bench_search.rival import optuna_alone

        found |= {
            f"Optuna alone, {method}": [optuna_alone(method, each) for each in range(said.repetitions)]
            for method in said.methods
        }
    _tell(said.folder, found)


def _tell(folder: Path, found: dict[str, list[list[Step]]]) -> None:
    grid = best_of_grid(folder)
    winners = {method: [settings_of(steps[-1].params) for steps in of_it] for method, of_it in found.items()}
    fresh = by_fresh_seeds(folder, [grid, *(each for of_it in winners.values() for each in of_it)], "winners")
    print(f"the grid's best, {dict(grid)}: {fresh[grid]:.2%} by fresh seeds")
    for method, of_it in found.items():
        curve = [mean(best_at(steps, BUDGET * part // 10) for steps in of_it) for part in (1, 2, 5, 10)]
        values = [fresh[each] for each in winners[method]]
        near = sum(value >= fresh[grid] - NEAR for value in values)
        so_far = ", ".join(f"{value:.2%}" for value in curve)
        print(f"{method}: best so far at 10, 20, 50, 100 % of {BUDGET} epochs {so_far}; by fresh seeds", end=" ")
        print(", ".join(f"{value:.2%}" for value in values), f"({near} of {len(values)} near the grid's best)")
    steps = {method: [[vars(step) for step in steps] for steps in of_it] for method, of_it in found.items()}
    (folder / "steps.json").write_text(json.dumps(steps))


if __name__ == "__main__":
    main()

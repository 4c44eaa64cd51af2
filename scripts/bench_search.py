"""What a search finds with a quarter of a grid's epochs: ours by four methods, and others' loops over the same network.

python scripts/bench_search.py some/folder                        # hours; the same command again goes on
python scripts/bench_search.py some/folder --repetitions 1 --methods tpe random
python scripts/bench_search.py some/folder --optuna --ray         # also Optuna by itself, and Ray Tune
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from statistics import mean

from bench_search.ours import best_of_grid, by_fresh_seeds, searched, settings_of
from bench_search.paid import Step, best_at
from bench_search.picture import picture
from bench_search.task import BUDGET, METHODS

NEAR = 0.001  # of the grid's best, in accuracy
Repetitions = list[list[Step]]


def main() -> None:
    """Print a line for each method: the best so far at shares of the budget, and the winners by fresh seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="keeps the runs, what others have found, and the picture")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--optuna", action="store_true", help="also Optuna by itself, in one process")
    parser.add_argument("--ray", action="store_true", help="also Ray Tune, where it is installed")
    said = parser.parse_args()
    said.folder.mkdir(parents=True, exist_ok=True)
    ours = {"": partial(searched, said.folder)}
    found: dict[str, Repetitions] = {}
    for each, (whose, search), method in product(range(said.repetitions), (ours | _others(said)).items(), said.methods):
        name = f"{whose}{method}"
        found.setdefault(name, []).append(_timed(said.folder, name, each, search, method))
    _tell(said.folder, found)


def _others(said: argparse.Namespace) -> dict[str, Callable[[str, int], list[Step]]]:
    """Those that were asked for, by what their methods' names begin with."""
    others: dict[str, Callable[[str, int], list[Step]]] = {}
    if said.optuna:
        from bench_search.rival import optuna_alone

        others["Optuna alone, "] = optuna_alone
    if said.ray:
        from bench_search.ray_tune import ray_tune

        others["Ray Tune, "] = ray_tune
    return others


def _timed(
    folder: Path, name: str, repetition: int, search: Callable[[str, int], list[Step]], method: str
) -> list[Step]:
    """The steps of one search, which is not done again where its steps are known."""
    file = folder / f"{name.replace(', ', '-').replace(' ', '-')}-{repetition}.json"
    if file.exists():
        return [Step(**step) for step in json.loads(file.read_text())]
    began = time.monotonic()
    steps = search(method, repetition)
    print(f"{name}, repetition {repetition}: {time.monotonic() - began:.0f} s", flush=True)
    file.write_text(json.dumps([vars(step) for step in steps]))
    return steps


def _tell(folder: Path, found: dict[str, Repetitions]) -> None:
    grid, best_run, epochs = best_of_grid(folder)
    (folder / "best_so_far.png").write_bytes(picture(found, best_run, epochs))
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


if __name__ == "__main__":
    main()

"""The task: three settings of the book's network, a grid over them, and a quarter of its epochs to do as well."""

from __future__ import annotations

EPOCHS = 15
GRID_SEEDS = 3
HIDDEN = range(10, 101, 10)
SPACE = [
    "eta=tag(log,interval(0.1,10))",
    "mini_batch_size=tag(log,interval(5,100))",
    f"sizes=choice({','.join(f'[784,{units},10]' for units in HIDDEN)})",
]
GRID = [
    "eta=0.1,0.316,1,3.16,10",
    "mini_batch_size=5,14,37,100",
    "sizes=[784,10,10],[784,40,10],[784,70,10],[784,100,10]",
    f"seed=range({GRID_SEEDS})",
]
BUDGET = 5 * 4 * 4 * GRID_SEEDS * EPOCHS // 4  # epochs
TRIALS = BUDGET // EPOCHS  # what the budget allows where nothing is pruned
FRESH = range(100, 105)  # seeds that nothing was chosen by
METHODS = {
    "tpe": ("tpe", "none"),
    "random": ("random", "none"),
    "tpe and asha": ("tpe", "asha"),
    "tpe and hyperband": ("tpe", "hyperband"),
}
"""By name: the sampler and what prunes."""

"""How fast nnexp is: epochs against other libraries, on one core; or what an option says instead.

    python scripts/bench.py                            # the whole table, many minutes
    python scripts/bench.py --quick --only 784-100-10@10
    pip install '.[bench]'                             # JAX, PyTorch, Keras, Optuna; what is missing is left out

An epoch is 50,000 examples of MNIST and the evaluation of 10,000 validation and 10,000 test examples. Everyone starts
from the same weights, has the same data in the same order, and runs in this process, one epoch each, round by round,
so that a busy machine is busy for all; of each the fastest epoch counts. Who does not learn the same is an error, and
the exit code 1.
"""

from __future__ import annotations

import argparse
import sys

import bench_compare
import bench_start
from bench_command import CommandFailed
from bench_epoch.cases import CASES
from bench_epoch.one_core import hold_to_one_core
from bench_sweep.report import report as report_sweeps


def main() -> None:
    """Measure what the command line says, and print it."""
    options = arguments()
    if options.compare:
        bench_compare.report()
    elif options.start:
        bench_start.report()
    elif options.store:
        import bench_store  # not before: it starts threads

        bench_store.report()
    elif options.sweep:
        sys.exit(0 if report_sweeps(1 if options.quick else 2, options.long) else 1)
    else:
        if not hold_to_one_core():
            print("this system holds no process to one core: options of threads have to do", file=sys.stderr)
        from bench_epoch.report import report  # not before: it starts threads

        sys.exit(0 if report(options.only, 2 if options.quick else 7, options.json) else 1)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 7; of sweeps 1 instead of 2")
    parser.add_argument("--json", action="store_true", help="JSON instead of the table, as readme_tables.py reads it")
    parser.add_argument("--only", choices=[case.name for case in CASES], help="one row of the table")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--compare", action="store_true", help="a comparison of a thousand runs")
    instead.add_argument("--start", action="store_true", help="from a command to its first epoch, or to its help")
    instead.add_argument("--store", action="store_true", help="look-ups among up to 10,000 runs")
    instead.add_argument("--sweep", action="store_true", help="sweeps: what they cost beside training, and by others")
    parser.add_argument("--long", action="store_true", help="with --sweep: the README's sweep and 256 jobs as well")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except CommandFailed as error:
        sys.exit(str(error))

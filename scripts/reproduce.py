"""Run presets whole, and write the gallery of them, experiments/README.md.

python scripts/reproduce.py                          # all of them: hours
python scripts/reproduce.py chapter1-30 eta          # these alone
python scripts/reproduce.py quick --seeds 3 --set epochs=2 --into some/folder

Runs are kept in outputs/reproduce/runs: the same command again does what is left, and no more.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from nnexp.config.presets import preset_called, presets
from nnexp.config.schema import EXPERIMENTS
from nnexp.runtime.owned_files import write
from reproduction.gallery import chapter, page, unmeasured
from reproduction.pictures import draw
from reproduction.presets_run import NotMeasured, measured


def main() -> None:
    """Run them, one after the other; the gallery is written anew after each. Exit code 1 if one could not be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="names, as `nnexp presets` lists them")
    parser.add_argument("--seeds", type=int, default=5, help="of a preset that lists none itself")
    parser.add_argument("--runs", type=Path, default=Path("outputs/reproduce"), help="folder that keeps the runs")
    parser.add_argument("--into", type=Path, default=EXPERIMENTS, help="folder of the gallery")
    parser.add_argument("--set", nargs="*", default=[], metavar="SETTING", help="settings for all, to try it out")
    said = parser.parse_args()
    chosen = [preset_called(name) for name in said.presets] or presets()
    for folder in (said.runs, said.into):
        folder.mkdir(parents=True, exist_ok=True)
    chapters, failed = [], []
    for preset in chosen:
        try:
            found = measured(preset, said.runs, said.seeds, tuple(said.set))
            chapters.append(chapter(preset, found, draw(preset, found, said.into / "pictures")))
        except NotMeasured as error:
            failed.append(f"{preset.name}: not measured, {error}")
            chapters.append(unmeasured(preset, str(error)))
        write(said.into / "README.md", page(chapters))
        print(f"{preset.name}: {said.into / 'README.md'}")
    sys.exit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()

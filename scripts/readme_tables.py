"""Write the pages' tables anew: settings and choices from where they are declared, speed from what was measured.

python scripts/readme_tables.py                                    # settings and choices
python scripts/bench.py --json > speed.json && python scripts/readme_tables.py speed.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from nnexp.config.help_page import tables
from nnexp.config.schema import CONF, PACKAGE, register

SETTINGS, SPEED = "tables", "speed table"
PAGES = {SETTINGS: CONF / "README.md", SPEED: PACKAGE / "nn" / "README.md"}  # that have a table of this name


def put(text: str, name: str, table: str) -> str:
    """The text with another table between the marks of that name; `ValueError` if it has none."""
    between = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of the {name} -->)", re.DOTALL)
    new, found = between.subn(lambda around: f"{around[1]}{table}\n{around[2]}", text)
    if found != 1:
        raise ValueError(f"{PAGES[name]}: has {found} places for {name}, expected one, <!-- {name}: ... -->")
    return new


def write(name: str, table: str) -> None:
    """Put the table into its page."""
    page = PAGES[name]
    page.write_text(put(page.read_text(), name, table))


def speed(file: Path) -> str:
    """The table of what `scripts/bench.py --json` measured."""
    from bench_epoch.table import markdown

    return markdown(json.loads(file.read_text()))


if __name__ == "__main__":
    register()
    write(SETTINGS, tables())
    for file in sys.argv[1:]:
        write(SPEED, speed(Path(file)))

"""Write the README's tables anew: settings and choices from where they are declared, speed from what was measured.

python scripts/readme_tables.py                                    # settings and choices
python scripts/bench.py --json > speed.json && python scripts/readme_tables.py speed.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from nnexp.config.help_page import tables
from nnexp.config.schema import register

README = Path(__file__).parents[1] / "README.md"


def put(text: str, name: str, table: str) -> str:
    """The text with another table between the marks of that name; `ValueError` if it has none."""
    between = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of the {name} -->)", re.DOTALL)
    new, found = between.subn(lambda around: f"{around[1]}{table}\n{around[2]}", text)
    if found != 1:
        raise ValueError(f"README.md: has {found} places for {name}, expected one, <!-- {name}: ... -->")
    return new


def speed(file: Path) -> str:
    """The table of what `scripts/bench.py --json` measured."""
    from bench_epoch.table import markdown

    return markdown(json.loads(file.read_text()))


if __name__ == "__main__":
    register()
    text = put(README.read_text(), "tables", tables())
    for file in sys.argv[1:]:
        text = put(text, "speed table", speed(Path(file)))
    README.write_text(text)

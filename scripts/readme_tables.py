"""Write the README's tables of settings and choices anew, from where these are declared."""

from __future__ import annotations

import re
from pathlib import Path

from nnexp.config.help_page import tables
from nnexp.config.schema import register

README = Path(__file__).parents[1] / "README.md"
BETWEEN = re.compile(r"(<!-- tables: .*? -->\n).*?(<!-- end of the tables -->)", re.DOTALL)

if __name__ == "__main__":
    register()
    text = README.read_text()
    README.write_text(BETWEEN.sub(lambda around: f"{around[1]}{tables()}\n{around[2]}", text))

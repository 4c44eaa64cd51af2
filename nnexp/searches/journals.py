"""Which searches there are in the current folder."""

from __future__ import annotations

from pathlib import Path

from nnexp.errors import UsageError
from nnexp.searches.plan import FOLDER, JOURNAL


def journal_of(name: str) -> Path:
    """The journal of the search whose name is this, or the only one that begins so; `UsageError` with those there are.

    It is looked for in the current folder's `outputs/searches`.
    """
    journals = {each.parent.name: each.absolute() for each in sorted(FOLDER.glob(f"*/{JOURNAL}"))}
    found = [name] if name in journals else [each for each in journals if each.startswith(name)]
    if len(found) == 1:
        return journals[found[0]]
    expected = f"expected one of {', '.join(found or journals)}" if journals else f"but there is no search in {FOLDER}"
    raise UsageError(f"--study: got {name!r}, {expected}")

"""Our part of an experiment's note put into what its user has written there, of which not a letter changes."""

from __future__ import annotations

import re

LONGEST_NOTE = 5000  # characters, of a tag of an experiment

# Earlier versions put marks around our part, which began so.
MARKED = re.compile(r"^<!-- nnexp -->\n(\[All runs\]\(.*?)\n<!-- /nnexp -->", re.DOTALL | re.MULTILINE)
OF_EARLIER = re.compile(
    r"\[All runs\]\(\S+\) · \[their curves\]\(\S+\)( · the newest sweep: \[.*\]\(\S+\))?"
    r"|\| sweep \| jobs \| result \| \||\| --- \| --- \| --- \| --- \|"
    r"|\| \[.*\]\(\S+\) \| \d+ \| .* \| \[table\]\(\S+\) \|"
    r"|and \d+ earlier ones"
)  # the lines that it had


def with_ours(note: str, ours: str, before: str) -> str:
    """The note with our part put where it was, or on top; if all does not fit, the note as it is.

    before: our part as it was written last. It is whole lines: what a person has edited is theirs.
    """
    last = re.search(rf"^{re.escape(before)}$", note, re.MULTILINE) if before else None
    if last:
        whole = note[: last.start()] + ours + note[last.end() :]
    elif marked := MARKED.search(note):
        theirs = "\n".join(line for line in marked[1].split("\n") if not OF_EARLIER.fullmatch(line)).strip("\n")
        whole = note[: marked.start()] + "\n\n".join(filter(None, [ours, theirs])) + note[marked.end() :]
    else:
        whole = f"{ours}\n\n{note}" if note else ours
    return whole if len(whole) <= LONGEST_NOTE else note

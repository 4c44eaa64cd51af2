"""What a value may have been meant to be that was typed as it can't be read: `3,0`, `1e2`, `784,100,10`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from nnexp.config.naming import typed

AROUND = " \t\r\n;,'\"`=()[]{}"  # what is typed around a value, or left over at its end
BETWEEN = r"(?:\s*[,;x*|:-]\s*|\s+)"  # numbers of a list
PLAIN = re.compile(r"[\w./-]+")  # what Hydra reads as it is


def rewritings(value: str) -> Iterator[str]:
    """Other ways to write the value, the likeliest first; whether one fits a setting, that setting knows."""
    bare = value.strip(AROUND)
    if bare != value and PLAIN.fullmatch(bare):
        yield bare
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        yield bare.replace(",", ".")
    with suppress(ValueError):
        number = float(bare)
        if math.isfinite(number) and number.is_integer() and abs(number) < 1e15:
            yield str(int(number))
    if re.fullmatch(rf"\d+(?:{BETWEEN}\d+)+", bare):
        yield "[" + ",".join(re.findall(r"\d+", bare)) + "]"
    if PLAIN.fullmatch(bare):
        yield bare.lower().replace("-", "_")
    if re.fullmatch(r"\w+(?:[\s,;|]+\w+)*", bare):
        yield "[" + ",".join(re.findall(r"\w+", bare)) + "]"


def interval(value: str) -> str:
    """The interval that was written as in other tools, `loguniform(0.1,10)`; empty for other values."""
    found = re.fullmatch(r"(log)?_?(?:uniform)?\(([^(),]+),([^(),]+)\)", value.strip())
    if not found or value.startswith("("):
        return ""
    between = f"interval({found[2].strip()},{found[3].strip()})"
    return f"tag(log,{between})" if found[1] else between


def data_file(value: str) -> list[str]:
    """The words for data of one's own, where a file or folder was given for the choice; none for other values."""
    name, kind, setting = value, "", "path"
    if value.endswith(".npz"):
        kind = "npz"
    elif value.endswith((".pkl", ".pkl.gz", ".pickle")):
        kind = "mnist_pickle"
    elif "ubyte" in value:
        kind, setting, name = "idx", "folder", str(Path(value).parent)
    elif value.endswith("/"):
        kind, setting = "idx", "folder"
    return [f"data={kind}", f"data.{setting}={as_word(name)}"] if kind else []


def as_word(text: str) -> str:
    """A text as a value of the command line, quoted for Hydra where it has to be."""
    return text if PLAIN.fullmatch(text) and not re.fullmatch(r"[\d.e-]+", text) else typed(text)

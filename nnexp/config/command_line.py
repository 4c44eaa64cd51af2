"""The words of a command line: which are options, which are settings, and what those in another form were meant to be.

Hydra's own parser ends with a page of usage for `--eta=3`, takes `-pictures=false` for `-p`, and lets no option stand
between settings.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nnexp.config.schema import SWEEP, is_setting

SWITCHES = {*SWEEP, "--run", "-r", "--resolve", "--help", "-h", "--hydra-help", "--version"}
SWITCHES |= {"--shell-completion", "-sc"}
SHOWN = ("job", "hydra", "all")
TOLD = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
VALUES: dict[str, tuple[str, ...]] = {  # what an option may be followed by; nothing: by anything
    **dict.fromkeys(("--cfg", "-c"), SHOWN),
    **dict.fromkeys(("--info", "-i"), TOLD),
    **dict.fromkeys(("--package", "-p", "--config-path", "-cp", "--config-name", "-cn", "--config-dir", "-cd"), ()),
    "--experimental-rerun": (),
}
ONE_OF = (*SWEEP, "--run", "-r", "--cfg", "-c", "--info", "-i")
PICKLED = "--experimental-rerun: reads a pickle, which can run code; `nnexp rerun RUN_ID` makes a run again"


@dataclass
class CommandLine:
    """What a command line says.

    options: Hydra's, with their values. settings: words of the form setting=value. typed: what those of them were that
    had another form. problems: what is wrong with the rest, a line each.
    """

    options: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """What Hydra is told."""
        return [*self.options, *self.settings]

    @property
    def sweeps(self) -> bool:
        """Whether values may be several."""
        return not set(SWEEP).isdisjoint(self.options)

    @property
    def slips(self) -> dict[str, str]:
        """For each setting that was typed in another form, what to say of that."""
        why = {True: "has spaces", False: "is not of the form setting=value"}
        return {word: f"{typed}: {why[word == typed]}; write {in_shell(word)}" for word, typed in self.typed.items()}


def in_shell(word: str) -> str:
    """The word as a shell reads it, with the quotes that are easiest to read."""
    return f'"{word}"' if "'" in word and not set(word) & set('"$`\\!') else shlex.quote(word)


def read(words: Sequence[str]) -> CommandLine:
    """What the words say; options and settings may be in any order."""
    line, bare, left = CommandLine(), list[str](), list(words)
    while left:
        word = left.pop(0)
        if word.partition("=")[0] in VALUES:
            left = _option(line, word, left)
        elif word in SWITCHES:
            line.options.append(word)
        elif word == "--":  # says that no option follows
            continue
        elif not re.match(r"-+[^\W\d]", word) or is_setting(re.split("[=:]", word.lstrip("-"))[0]):
            bare.append(word)
        else:
            line.problems.append(f"{word}: no such option; settings have no dashes, --help lists them")
    said = [option for option in line.options if option in ONE_OF]
    if len(said) > 1:
        line.problems.append(f"{' and '.join(said)}: can't be done at once, expected one of them")
    if "--resolve" in line.options and not {"--cfg", "-c", "--help", "-h"} & set(line.options):
        line.problems.append("--resolve: shows nothing by itself, expected --cfg job too")
    return in_form(bare, line)


def _option(line: CommandLine, word: str, left: list[str]) -> list[str]:
    """Take an option that has a value into the line; gives the words that are left."""
    option, equals, value = word.partition("=")
    values = [value] if equals else left[:1]
    if option in ("--info", "-i") and not equals and not set(values) & set(TOLD):
        values = ["all"]
    elif not equals:
        left = left[1:]
    allowed = VALUES[option]
    if option == "--experimental-rerun":
        line.problems.append(PICKLED)
    elif not values or (allowed and values[0] not in allowed):
        expected = f"one of {', '.join(allowed)}" if allowed else "a value behind it"
        line.problems.append(f"{option}: got {' '.join(values) or 'nothing'}, expected {expected}")
    elif option in ("--config-dir", "-cd") and not Path(values[0]).is_dir():
        line.problems.append(f"{option}: got {values[0]!r}, expected a folder that is there")
    else:
        line.options += [option, *values]
    return left


def in_form(words: Sequence[str], line: CommandLine | None = None) -> CommandLine:
    """The words as settings, those of another form as what they were meant to be: `eta = 3`, `--eta=3`, `eta:3`."""
    line = line or CommandLine()
    for group in _groups(words):
        typed, meant = " ".join(group), _meant(group)
        if not meant:
            line.problems.append(f"{typed}: is not of the form setting=value, such as eta=3.0; --help lists settings")
            continue
        line.settings.append(meant)
        if len(group) > 1 or typed != meant:
            line.typed[meant] = typed
    return line


def _groups(words: Sequence[str]) -> Iterator[list[str]]:
    """The words, those together that spaces have torn apart: `eta = 3`, `sizes=[784, 100, 10]`, `data.path=my file`."""
    group: list[str] = []
    for word in words:
        if group and (re.match(r"[-+]*[^\W\d][\w./@-]*=|~", word) or (_names_a_setting(word) and _has_value(group))):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _names_a_setting(word: str) -> bool:
    return is_setting(word.lstrip("-").partition(":")[0])


def _has_value(group: Sequence[str]) -> bool:
    """Whether more than a name has been typed, or a name and `=`."""
    name, equals, value = "".join(group).partition("=")
    return bool(value) if equals else len(group) > 1 or ":" in name


def _meant(group: Sequence[str]) -> str:
    """The setting=value that the words are, or were probably meant to be; nothing if that can't be told."""
    text = " ".join(group)
    if re.match(r"\++[^\W\d][\w./@-]*=|[^\W\d][\w./@-]*=(?!=)|~", text) and len(group) == 1:
        return text
    found = re.fullmatch(r"-*([^\W\d][\w./@]*)\s*(:=|=+|:|)\s*(.*)", text, re.DOTALL)
    if found and found[3] and ("=" in found[2] or is_setting(found[1])):
        return f"{found[1]}={found[3]}"
    return text if len(group) == 1 and text.find("=") > 0 else ""  # Hydra may know

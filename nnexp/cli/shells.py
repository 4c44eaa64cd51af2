"""What the shells need beside click's own completion: values behind `=`, and values with commas."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete, split_arg_string

BREAKS = ("=", ":")  # where bash ends a word
BASH = r"""
%(complete_func)s() {
    local IFS=$'\n' item value
    while IFS= read -r item; do
        value=${item#*,}
        case $item in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*)
                [[ $value == *[^[:alnum:]_.,=:/+-]* ]] && printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done <<< "$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" %(complete_var)s=bash_complete "$1")"
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """For bash `eta=3` is three words, of which it replaces the last; behind `eta=` it puts no space.

    Bash inserts what it is given as it is: what came from somebody else's store is quoted, or Enter would run it.
    """

    source_template: ClassVar[str] = BASH
    _stays = ""  # of what is typed, in the eyes of bash

    def get_completion_args(self) -> tuple[list[str], str]:
        typed = [*split_arg_string(os.environ["COMP_WORDS"]), ""][: int(os.environ["COMP_CWORD"]) + 1]
        words: list[str] = []
        for before, word in zip(["", *typed], typed, strict=False):
            if word in BREAKS or before in BREAKS:
                self._stays = words[-1] + word * (word in BREAKS)
                words[-1] += word
            else:
                self._stays = ""
                words.append(word)
        return words[1:-1], words[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type},{item.value.removeprefix(self._stays)}"


class Zsh(ZshComplete):
    """Behind `eta=` it puts no space."""

    source_template: ClassVar[str] = (
        ZshComplete.source_template.replace("    local -a response\n", "    local -a response suffix\n")
        .replace(
            "    for type key descr", '    [[ "${response[2]}" == *= ]] && suffix=(-S "")\n\n    for type key descr'
        )
        .replace("completions_with_descriptions -U", 'completions_with_descriptions -U "${suffix[@]}"')
        .replace("compadd -U", 'compadd -U "${suffix[@]}"')
    )


class Fish(FishComplete):
    """Leaves commas in a value."""

    source_template: ClassVar[str] = FishComplete.source_template.replace('split "," ', 'split -m 1 "," ')


SHELLS = {"bash": Bash, "zsh": Zsh, "fish": Fish}

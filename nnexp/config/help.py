"""What `--help` and the README say of settings and choices: made from where they are declared."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from nnexp.component import Component, declared
from nnexp.config.naming import typed
from nnexp.config.schema import DECLARED, EXPERIMENTS, GROUPS, PLAIN, defaults
from nnexp.config.sweep_settings import Sweep
from nnexp.printable import markdown_row
from nnexp.train.monitors.base import Monitor

WIDTH = 112  # characters of a line
NAME, VALUE = 23, 12  # characters of the first two columns


def settings() -> str:
    """The plain settings, each with its default and what it means."""
    usual = defaults()
    return "\n".join(_row(name, _shown(usual[name]), DECLARED[name].help) for name in PLAIN)


def sweep() -> str:
    """The settings of a sweep as such."""
    return "\n".join(_rows_of(Sweep, "sweep."))


def choices() -> str:
    """Every group with its kinds, the default first, and the settings that each of them has; and every monitor."""
    lines = []
    for group in (*GROUPS, Monitor.group):
        lines.append(_row(f"{group}=", "", DECLARED[group].help if group in DECLARED else ""))
        for kind, part in _kinds(group):
            lines += [_row(f"  {kind}", "", part.help()), *_rows_of(part, f"    {group}.")]
    return "\n".join(lines)


def presets() -> str:
    """Every preset of ours, with the first line of its file."""
    firsts = {preset.stem: preset.read_text().splitlines()[0] for preset in sorted(EXPERIMENTS.glob("*.yaml"))}
    return "\n".join(_row(f"  {name}", "", first.lstrip("# ")) for name, first in firsts.items())


def tables() -> str:
    """The settings and the choices as the README has them, in markdown."""
    usual = defaults()
    rows = [["setting", "default", ""], ["---"] * 3]
    rows += [[f"`{name}`", f"`{_shown(usual[name])}`", DECLARED[name].help] for name in PLAIN]
    parts = [["choice", "", "its settings"], ["---"] * 3]
    for group in (*GROUPS, Monitor.group):
        for kind, part in _kinds(group):
            default = " (the default)" if kind == usual.get(group) else ""
            named = [f"`{group}.{name}={_shown(value)}`" for name, value in _values(part).items()]
            parts.append([f"`{group}={kind}`{default}", part.help(), ", ".join(named)])
    return "\n\n".join("\n".join(map(markdown_row, table)) for table in (rows, parts))


def _kinds(group: str) -> list[tuple[str, type[Component]]]:
    """The kinds of a group, the default first."""
    default = defaults().get(group)
    return sorted((GROUPS | {Monitor.group: Monitor})[group].kinds().items(), key=lambda each: each[0] != default)


def _rows_of(part: type[Any], prefix: str) -> Iterator[str]:
    said = declared(part)
    return (_row(f"{prefix}{name}", _shown(value), said[name].help) for name, value in _values(part).items())


def _values(part: type[Any]) -> dict[str, Any]:
    """The defaults of a part's settings, by name."""
    said = declared(part)
    return {
        each.name: each.default if each.default_factory is MISSING else each.default_factory()
        for each in fields(part)
        if each.name in said
    }


def _row(name: str, value: str, text: str) -> str:
    """A line of the page, or several: what is long goes on below its column."""
    begin = f"  {name:<{NAME}} " + (f"{value:<{VALUE}} " if value else "")
    lines = textwrap.wrap(text, WIDTH - len(begin), break_on_hyphens=False)
    return f"\n{' ' * len(begin)}".join([begin + (lines or [""])[0], *lines[1:]]).rstrip()


def _shown(value: Any) -> str:
    """A default as it is typed on the command line."""
    if value == "":
        return "''"
    return str(value).lower() if isinstance(value, bool) else typed(value)

"""What `--help` and the page conf/README.md say of settings and choices: made from where they are declared."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from nnexp.component import Component, declared, defaults_of
from nnexp.config.naming import typed
from nnexp.config.offered import preset_titles
from nnexp.config.schema import DECLARED, GROUPS, PLAIN, defaults
from nnexp.config.sweep_settings import Sweep
from nnexp.printable import markdown_row
from nnexp.train.monitors.base import Monitor

WIDTH = 112  # characters of a line
NAME, VALUE = 23, 12  # characters of the first two columns


PAGE = """\
nnexp trains a neural network written from scratch on numpy; MLflow, or a folder, remembers every epoch.

  python -m nnexp.run [setting=value ...]       one run
  python -m nnexp.run -m [setting=a,b,c ...]    a sweep: a run for each combination
  python -m nnexp.run -m search=tpe [...]       a search: it chooses what to try next; pip install 'nnexp[search]'

Examples (quotes keep the shell away from brackets):
  python -m nnexp.run 'sizes=[784,100,10]' eta=3.0
  python -m nnexp.run cost=cross_entropy eta=0.5 epochs=10
  python -m nnexp.run -m eta=0.5,1.0,3.0 'seed=range(5)'
  python -m nnexp.run -m eta=0.5,1.0,3.0 'seed=range(5)' sweep.plan=true
  python -m nnexp.run -m search=tpe 'eta=tag(log,interval(0.1,10))' 'mini_batch_size=choice(5,10,20)' search.trials=20

Settings                  default
{settings}
  hydra.run.dir           outputs/...  the folder for the run's files (hydra.sweep.dir: of a sweep): one that is new,
                                       empty or its own of before. A folder with other files in it is refused: nnexp
                                       deletes and replaces no file that it has not written itself

Sweeps (-m): values are eta=1,2,3, 'seed=range(5)', 'sizes=[784,30,10],[784,100,10]', 'cost=glob(*)'
{sweep}

Searches: also 'eta=interval(1,3)', 'eta=tag(log,interval(0.1,10))' (log scale), 'optimiser=choice(sgd,momentum)'

Choices (the first is the default), and the settings that they have
{choices}

What can be monitored: 'monitor=[gradients,saturation]'
{monitors}

Presets: settings that belong together, experiments=
{presets}

More: --cfg job shows the configuration that a command gives, --info how it came about;
--hydra-help lists what every Hydra application can do.

Afterwards, in the same folder: nnexp ui"""


def page() -> str:
    """What `python -m nnexp.run --help` prints."""
    parts = (settings, sweep, choices, monitors, presets)
    return PAGE.format(**{part.__name__: part() for part in parts})


def settings() -> str:
    """The plain settings, each with its default and what it means."""
    usual = defaults()
    return "\n".join(_row(name, _shown(usual[name]), DECLARED[name].help) for name in PLAIN)


def sweep() -> str:
    """The settings of a sweep as such."""
    return "\n".join(_rows_of(Sweep, "sweep."))


def choices() -> str:
    """Every group with the settings that all its kinds have, then these, the default first, with their own."""
    lines = []
    for group, base in GROUPS.items():
        lines.append(_row(f"{group}=", "", DECLARED[group].help if group in DECLARED else ""))
        lines += _rows_of(base, f"    {group}.")
        for kind, part in _kinds(group):
            lines += [_row(f"  {kind}", "", part.help()), *_rows_of(part, f"    {group}.", base)]
    return "\n".join(lines)


def monitors() -> str:
    """What can be monitored."""
    return "\n".join(_row(f"  {kind}", "", part.help()) for kind, part in Monitor.kinds().items())


def presets() -> str:
    """Every preset of ours, with what it shows."""
    return "\n".join(_row(f"  {name}", "", title) for name, title in preset_titles().items())


def tables() -> str:
    """Every setting and every choice in markdown: a chapter for the plain ones, for each group, and for sweeps."""
    usual = defaults()
    plain = [[f"`{name}`", f"`{_shown(usual[name])}`", DECLARED[name].help] for name in PLAIN]
    watched = [[f"`monitor=[{kind}]`", part.help()] for kind, part in Monitor.kinds().items()]
    said = declared(Sweep)
    of_sweeps = [
        [f"`sweep.{name}`", f"`{_shown(value)}`", said[name].help] for name, value in defaults_of(Sweep).items()
    ]
    return "\n\n".join(
        [
            _chapter("Settings of every run", ["setting", "default", ""], plain),
            *(_chapter(group, ["choice", "", "its settings"], _group_rows(group)) for group in GROUPS),
            _chapter("monitor", ["choice", ""], watched),
            _chapter("sweep", ["setting", "default", ""], of_sweeps),
        ]
    )


def _chapter(title: str, head: list[str], rows: list[list[str]]) -> str:
    """A heading with a table, after what the group of this name is for."""
    said = DECLARED[title].help if title in DECLARED else ""
    about = [f"{said[0].upper()}{said[1:]}."] if said else []
    table = [head, ["---"] * len(head), *rows]
    return "\n\n".join([f"## {title}", *about, "\n".join(map(markdown_row, table))])


def _group_rows(group: str) -> list[list[str]]:
    """The settings that all choices of a group have, then the choices, the default first, with their own."""
    base, default = GROUPS[group], defaults().get(group)
    rows = [
        [f"`{group}.{name}={_shown(value)}`", declared(base)[name].help, ""]
        for name, value in defaults_of(base).items()
    ]
    for kind, part in _kinds(group):
        named = [f"`{group}.{name}={_shown(value)}`" for name, value in _own(part, base).items()]
        rows.append([f"`{group}={kind}`{' (the default)' * (kind == default)}", part.help(), ", ".join(named)])
    return rows


def _kinds(group: str) -> list[tuple[str, type[Component]]]:
    """The kinds of a group, the default first."""
    default = defaults().get(group)
    return sorted(GROUPS[group].kinds().items(), key=lambda each: each[0] != default)


def _own(part: type[Any], base: type[Any] | None) -> dict[str, Any]:
    """The defaults of the settings that a part has beside those of its group."""
    common = defaults_of(base) if base else {}
    return {name: value for name, value in defaults_of(part).items() if (name, value) not in common.items()}


def _rows_of(part: type[Any], prefix: str, base: type[Any] | None = None) -> Iterator[str]:
    said = declared(part)
    return (_row(f"{prefix}{name}", _shown(value), said[name].help) for name, value in _own(part, base).items())


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

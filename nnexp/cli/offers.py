"""What TAB offers in the `nnexp` commands: settings and their values, presets, runs and sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem

from nnexp.errors import NnexpError
from nnexp.printable import shortened
from nnexp.tracking.stores.base import EXPERIMENT

Items = list[CompletionItem[str]]
LONGEST = 70  # characters of what is said of one


def setting(_: click.Context, __: click.Parameter, typed: str) -> Items:
    """A setting's name; behind `=` its values, several with commas between them."""
    from nnexp.config.offered import names, values

    name, equals, value = typed.partition("=")
    if not equals:
        return [_item(f"{each}=", text) for each, text in names(name).items()]
    before, comma, last = value.rpartition(",")
    offered = values(name).items()
    return [_item(f"{name}={before}{comma}{each}", text) for each, text in offered if each.startswith(last)]


def preset(_: click.Context, __: click.Parameter, typed: str) -> Items:
    """The name of a preset."""
    from nnexp.config.offered import preset_titles

    return [_item(name, title) for name, title in preset_titles().items() if name.startswith(typed)]


def run(context: click.Context, _: click.Parameter, typed: str) -> Items:
    """The id of a run, the newest first."""
    from nnexp.tracking import names

    return _stored(context, lambda tracking: names.runs(tracking, typed))


def sweep(context: click.Context, _: click.Parameter, typed: str) -> Items:
    """The name of a sweep, the newest first."""
    from nnexp.config.sweep_settings import NAME
    from nnexp.tracking import names

    found = _stored(context, names.sweeps)
    return [each for each in found if each.value.startswith(typed) and NAME.allows(each.value)]


def sweep_or_run(context: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """The name of a sweep, or the id of a run."""
    return [*sweep(context, parameter, typed), *run(context, parameter, typed)]


def run_or_file(context: click.Context, parameter: click.Parameter, typed: str) -> Items:
    """The id of a run; where none begins so, a file."""
    return run(context, parameter, typed) or file(context, parameter, typed)


def file(_: click.Context, __: click.Parameter, typed: str) -> Items:
    """A file."""
    return [CompletionItem(typed, type="file")]


def queue(_: click.Context, __: click.Parameter, typed: str) -> Items:
    """The name of a sweep of this folder whose jobs workers pull."""
    from nnexp.config.sweep_settings import NAME
    from nnexp.launch.pulling.queue_file import FILE, FOLDER

    names = sorted(path.parent.name for path in FOLDER.glob(f"*/{FILE}"))
    return [_item(name, "") for name in names if name.startswith(typed) and NAME.allows(name)]


def _stored(context: click.Context, read: Callable[[Any], Iterable[Any]]) -> Items:
    """What is in the store that is meant; nothing where that can't be read: there is nobody to tell."""
    from nnexp.tracking.usual import tracking_at

    try:
        tracking = tracking_at(context.params.get("uri"), context.params.get("experiment") or EXPERIMENT)
        return [_item(each.name, each.about) for each in read(tracking)]
    except (NnexpError, OSError):
        return []


def _item(value: str, text: str) -> CompletionItem[str]:
    return CompletionItem(value, help=shortened(text, LONGEST) or None)

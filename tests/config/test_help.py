"""What `--help` says is what the declarations say."""

from __future__ import annotations

import re

from nnexp.config.help_page import choices, monitors, page, presets, settings, sweep, tables
from nnexp.config.schema import EXPERIMENTS, GROUPS, PLAIN, register
from nnexp.train.monitors.base import Monitor

register()


def first_words(text: str) -> list[str]:
    """The names that lines begin with; text that goes on below its column has none."""
    return [found[1] for line in text.splitlines() if (found := re.match(r" {2,6}(\S+)", line))]


def test_the_page_holds_every_part_of_it() -> None:
    assert all(part in page() for part in (settings(), sweep(), choices(), monitors(), presets()))


def test_every_plain_setting_is_explained_with_its_default() -> None:
    assert first_words(settings()) == list(PLAIN)
    assert re.search(r"^  eta +3\.0 +learning rate", settings(), re.MULTILINE)


def test_every_setting_of_every_part_is_declared_with_a_line_of_help() -> None:
    for base in GROUPS.values():
        for part in base.kinds().values():
            for each in part.settings_fields():
                assert each.metadata["nnexp"].help, f"{part.__name__}.{each.name}"


def test_every_choice_is_listed_the_default_first() -> None:
    names = first_words(choices())
    for group, base in GROUPS.items():
        assert set(base.kinds()) <= set(names)
        assert f"{group}=" in names
    assert names[:2] == ["data=", "mnist"]


def test_every_monitor_is_listed() -> None:
    assert first_words(monitors()) == list(Monitor.kinds())


def test_every_preset_is_listed() -> None:
    assert first_words(presets()) == sorted(path.stem for path in EXPERIMENTS.glob("*.yaml"))


def test_no_line_is_wider_than_a_terminal_of_120() -> None:
    assert max(map(len, page().splitlines())) <= 120


def test_a_pipe_in_a_docstring_does_not_end_a_cell_of_the_page_on_settings() -> None:
    row = next(line for line in tables().splitlines() if "cost=quadratic" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 4

"""The gallery, experiments/README.md: a chapter for each preset, written from its runs."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from nnexp.comparison.conclusion import as_items
from nnexp.comparison.group import Group
from nnexp.comparison.render.sentences import headline, p_line, verdict_lines
from nnexp.comparison.render.text import markdown
from nnexp.config.presets import Preset
from nnexp.runtime.cores import cores
from reproduction.presets_run import Measured

OPENING = """# What the presets show

Written by `python scripts/reproduce.py` from the runs that it made, and by no hand: accuracies are those on the test
images in the epoch that validation has chosen, ± is the standard deviation over seeds, verdicts are those of
`nnexp compare`. `nnexp presets` lists the presets, `nnexp presets NAME` shows what one changes.
"""
SURE = 2.0  # standard errors: an expected mean that is farther from the measured one is not met


def page(chapters: Sequence[str]) -> str:
    """The whole gallery."""
    return "\n".join([OPENING, *chapters])


def chapter(preset: Preset, measured: Measured, pictures: Sequence[str]) -> str:
    """What there is to say of a preset."""
    lines = _opening(preset)
    if (found := measured.comparison) is None:
        said = "as expected" if measured.right else "**not as expected**"
        lines += [f"Measured, {said}:", "", *(f"    {line}" for line in measured.output.splitlines()), ""]
    else:
        lines += [f"Measured: {_sentence(found.groups[0])}. Verdict: {verdict(preset, found.groups)}.", ""]
        if len(found.groups) > 1:
            verdicts = [headline(found), *verdict_lines(found), *filter(None, [p_line(found)])]
            lines += [markdown(found), "", as_items(verdicts), ""]
    lines += _shown(preset, pictures)
    return "\n".join([*lines, f"<sub>{_when(measured)}, {machine()}</sub>", ""])


def unmeasured(preset: Preset, reason: str) -> str:
    """What there is to say of a preset that could not be run."""
    return "\n".join([*_opening(preset), f"Not measured: {reason}.", ""])


def verdict(preset: Preset, groups: Sequence[Group]) -> str:
    """Whether what was measured is what the header expects: within two standard errors of both."""
    if (expected := preset.expected) is None:
        return "nothing was expected yet"
    named = [group for group in groups if group.name == expected.setting]
    if expected.setting and not named:
        return f"{expected.setting} was expected to be best, and was not measured"
    group = named[0] if named else groups[0]
    measured = group.test
    apart = measured.mean - expected.mean
    error = ((measured.sd or 0) ** 2 / measured.n + (expected.sd or measured.sd or 0) ** 2 / expected.seeds) ** 0.5
    ahead = "" if group is groups[0] else f", but {groups[0].name} is ahead"
    if abs(apart) <= max(SURE * error, 0.5e-3):
        return f"as expected{ahead}"
    points = f"{100 * abs(apart):.2f} points {'above' if apart > 0 else 'below'} what was expected"
    return f"**{points}**{ahead}"


def _opening(preset: Preset) -> list[str]:
    lines = [f"## {preset.name}", "", f"**{preset.title}**", "", f"    {preset.command}", "", *preset.text, ""]
    return [*lines, f"Expected: {preset.expected_line}.", ""]


def _sentence(group: Group) -> str:
    """`eta=3: 95.12 ± 0.21 % (5 seeds, epoch 23, 12 s a run)`."""
    test, seconds = group.test, group.seconds
    spread = "" if test.sd is None else f" ± {100 * test.sd:.2f}"
    name = f"{group.name}: " if group.name else ""
    took = f", {seconds.mean:.0f} s a run" if seconds else ""
    seeds = f"{test.n} seed{'s' * (test.n > 1)}"
    return f"{name}{100 * test.mean:.2f}{spread} % ({seeds}, epoch {group.epoch.mean:.0f}{took})"


def _shown(preset: Preset, pictures: Sequence[str]) -> list[str]:
    """The picture, on the ground that the reader's page has."""
    if not pictures:
        return []
    light, dark = (f"pictures/{name}" for name in pictures)
    source = f'<source media="(prefers-color-scheme: dark)" srcset="{dark}">'
    return [f'<picture>{source}<img alt="{preset.name}" src="{light}"></picture>', ""]


def _when(measured: Measured) -> str:
    """The day when the last of the runs ended."""
    ended = [run.ended for run in measured.runs if run.ended]
    day: date = datetime.fromtimestamp(max(ended), UTC).date() if ended else datetime.now(UTC).date()
    return day.isoformat()


def machine() -> str:
    """Its processor and how many cores may be used."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores()} cores"

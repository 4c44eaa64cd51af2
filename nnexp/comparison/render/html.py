"""The report: one HTML file that stands alone, with the table, the verdicts, the charts and the images."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nnexp.comparison.block import Block
from nnexp.comparison.comparison import Comparison
from nnexp.comparison.evidence import Evidence
from nnexp.comparison.render import sentences
from nnexp.comparison.render.charts import Figure
from nnexp.comparison.render.text import columns, table_rows
from nnexp.formats import percent, value_text
from nnexp.nn.arrays import Array
from nnexp.plots.svg_drawing import svg
from nnexp.printable import counted
from nnexp.stats.verdict import Verdict

if TYPE_CHECKING:
    from jinja2 import Template

IMAGES = 24  # on each side that one network gets right and the other wrong
ROWS = 200  # of the table of all runs


@dataclass(frozen=True)
class Disagreement:
    """A test image: its true class, those that the two networks predict, and the image itself as a `data:` address."""

    source: str
    true: int
    best: int
    other: int


def as_html(comparison: Comparison, figures: Sequence[Figure], evidence: Evidence | None, missing: str = "") -> str:
    """The page as HTML. missing: why there is no evidence, if there is none."""
    shown = columns(comparison)
    return template(Path(__file__).parent / "report.html").render(
        title=comparison.title,
        common=" ".join(f"{name}={value_text(value)}" for name, value in comparison.common.items()),
        headline=sentences.headline(comparison),
        best=sentences.best_line(comparison),
        verdicts=sentences.verdict_lines(comparison, sentences.IN_SHORT),
        notes=sentences.notes(comparison),
        differences=differences(comparison),
        paired=pairs_of(comparison),
        pairs=comparison.pairs,
        columns=shown,
        rows=table_rows(comparison),
        charts=[(figure.shows, svg(figure.chart)) for figure in figures],
        evidence=evidence,
        missing=missing,
        confusion=_shaded(evidence.confusion) if evidence else [],
        disagreements=_disagreements(evidence) if evidence and evidence.other else [],
        runs=comparison.trials[:ROWS],
        more_runs=len(comparison.trials[ROWS:]),
        command=comparison.best.command,
        percent=percent,
        counted=counted,
    )


def template(file: Path) -> Template:
    """A page that extends `page.html` here and may have its `pieces.html`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    script = (Path(__file__).parent / "points.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader([file.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"script": script, "script_hash": _sha256(script)}
    return environment.get_template(file.name)


def _sha256(script: str) -> str:
    """The script's hash, by which a browser knows that it may run it."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def differences(comparison: Comparison) -> list[dict[str, str]]:
    """A row for each verdict, by column: the first setting minus the other, on test; no column of no intervals."""
    if not comparison.several_seeds:
        return []
    told = [(block, verdict) for block in comparison.blocks for verdict in block.verdicts[: sentences.VERDICTS]]
    rows = [_difference(block, verdict) for block, verdict in told]
    empty = {name for name, nothing in (("interval", "-"), ("with", "")) if all(row[name] == nothing for row in rows)}
    return [{name: text for name, text in row.items() if name not in empty} for row in rows]


def _difference(block: Block, verdict: Verdict) -> dict[str, str]:
    seen = verdict.difference
    sign, other = (1, verdict.b) if verdict.a == block.first else (-1, verdict.a)
    spread = "" if seen.sd is None else f" ± {100 * seen.sd:.2f}"
    ends = sorted(100 * sign * end for end in verdict.interval or ())
    return {
        "ahead on validation": block.first,
        "against": other,
        "with": block.condition,
        "points": f"{100 * sign * seen.mean:.2f}{spread}",
        "interval": "{:.2f} to {:.2f}".format(*ends) if ends else "-",
        "effect size": "-" if seen.effect is None else f"{sign * seen.effect:.1f}",
        "p": "< 0.001" if verdict.p < 0.001 else f"{verdict.p:.3f}",
        "seeds": str(seen.n),
    }


def pairs_of(comparison: Comparison) -> str:
    """What the differences that p is of are between."""
    pairs = {True: "results of one seed", False: "results in the order of seeds"}
    made = {verdict.difference.paired for verdict in comparison.verdicts}
    return " or, where few seeds are shared, ".join(pairs[paired] for paired in sorted(made, reverse=True))


def _shaded(confusion: Array) -> list[list[tuple[int, float]]]:
    """Each cell's count, and how dark it is: 0 to 1 by mistakes, the diagonal left out."""
    mistakes = confusion - np.diag(np.diag(confusion))
    shades = mistakes / max(1, mistakes.max())
    return [
        list(zip(counts, row, strict=True)) for counts, row in zip(confusion.tolist(), shades.tolist(), strict=True)
    ]


def _disagreements(evidence: Evidence) -> list[tuple[str, list[Disagreement]]]:
    """Images that only the best gets right, and those that only the other does; none if examples are no images."""
    shape = evidence.dataset.image_shape
    if evidence.other is None or shape is None or len(shape) != 2:  # in colours, ink has no meaning
        return []
    best, other = evidence.right
    only = ((evidence.best.name, best & ~other), (evidence.other.name, other & ~best))
    return [
        (name, [_disagreement(evidence, index) for index in np.flatnonzero(which)[:IMAGES]]) for name, which in only
    ]


def _disagreement(evidence: Evidence, index: int) -> Disagreement:
    assert evidence.other is not None  # noqa: S101  # there are no disagreements without it
    test = evidence.dataset.test
    image = test.x[index].reshape(evidence.dataset.image_shape)
    predicted = int(evidence.best.predicted[index]), int(evidence.other.predicted[index])
    return Disagreement(_data_address(image), int(test.labels[index]), *predicted)


def _data_address(image: Array) -> str:
    """The image (height, width) in ink on paper, as a PNG in an address."""
    from PIL import Image

    values = image.astype(np.float64)
    low, high = min(0.0, values.min()), values.max()
    ink = 255 - 255 * (values - low) / ((high - low) or 1.0)
    data = io.BytesIO()
    Image.fromarray(ink.astype(np.uint8)).save(data, "png")
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"

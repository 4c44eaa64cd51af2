"""Views of MLflow's UI that open by a link: which runs, which columns, which charts, in which order.

MLflow keeps a view that a person has saved in a tag of the experiment. What such a tag holds is not documented: it was
read from the UI's own code and seen to work in a browser, in the versions of `SEEN_IN`, and is not used in others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from urllib.parse import quote

from nnexp.tracking.chosen import CHOSEN_BY, CHOSEN_EPOCH, CHOSEN_TEST
from nnexp.tracking.tags import setting_tag

TAG = "mlflow.sharedViewState."
SEEN_IN = ("3.17.",)  # beginnings of MLflow's version
MOST_SETTINGS = 12  # as columns: a tag of an experiment holds 5,000 characters
LONGEST_KEY = 100
OUTLIER = 3.0  # times as far below the median as the best is above it

RESULTS = (CHOSEN_BY, CHOSEN_TEST, CHOSEN_EPOCH, "test_accuracy", "train_seconds")
BEFORE = ("best_test_accuracy", "best_epoch")  # of runs made before there were those: chosen on test
CURVES = ("test_accuracy", "validation_accuracy", "train_cost")
WIDTHS = {CHOSEN_BY: 170, CHOSEN_TEST: 230, CHOSEN_EPOCH: 160, BEFORE[0]: 140}  # pixels; the others fit
FIRST_COLUMNS = ("0", "attributes.`Run Name`", "runDateAndNestInfo")  # the UI's own, which it leaves where they are
SECTION = "nnexp"
ALL = "all"  # the key of the view of all runs


@dataclass(frozen=True)
class View:
    """One view: the runs that meet a filter, the best on validation first.

    key: its name in addresses. title: its name in the UI's list of views. runs: MLflow's filter. settings: those that
    become columns. by: what runs are grouped by, as (`tag` or `param`, name), for each group to become one averaged
    curve; none: a curve for each run. drawn: how many runs, in the UI's word. ends: of an accuracy's axis, by its name;
    those of its values if it is not there. older: whether some of the runs have the results `BEFORE` in place of newer
    ones.
    """

    key: str
    title: str
    runs: str
    settings: Sequence[str]
    by: Sequence[tuple[str, str]] = ()
    drawn: str = "SHOW_ALL"
    ends: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    older: bool = False

    def tag(self, milliseconds: int) -> tuple[str, str]:
        """The experiment's tag that keeps it; milliseconds: unix time now."""
        named = {"name": self.title, "createdAt": milliseconds, "updatedAt": milliseconds}
        return TAG + self.key, _json(named | {"state": _json(self.state())})

    def state(self) -> dict[str, Any]:
        """What the UI is to show, in its own words."""
        settings = list(self.settings)[:MOST_SETTINGS]
        results = (*RESULTS, *BEFORE) if self.older else RESULTS
        columns = [f"params.`{name}`" for name in settings] + [f"metrics.`{name}`" for name in results]
        state: dict[str, Any] = {
            "searchFilter": self.runs,
            "orderByKey": f"metrics.`{CHOSEN_BY}`",
            "orderByAsc": False,
            "runsHiddenMode": self.drawn,
            "selectedColumns": columns,
            "columnOrder": [*FIRST_COLUMNS, *columns],
            "columnWidths": {f"metrics.`{name}`": WIDTHS[name] for name in results if name in WIDTHS},
            "compareRunCharts": self._charts([name for name in settings if name != "seed"] or settings),
            "compareRunSections": [
                {"uuid": SECTION, "name": "Curves", "display": True, "isReordered": True, "columns": 1}
            ],
        }
        if self.by:
            keys = [{"mode": kind, "groupByData": name} for kind, name in self.by]
            state["groupBy"] = {"aggregateFunction": "average", "groupByKeys": keys}
            state["runListHidden"] = True  # each chart names its few curves
        return state

    def _charts(self, settings: Sequence[str]) -> list[dict[str, Any]]:
        """Curves, the first of which is test accuracy, and the settings beside what they lead to."""
        lines = [_line(name, self.ends.get(name)) for name in CURVES]
        beside = {
            "type": "PARALLEL",
            "selectedParams": list(settings),
            "selectedMetrics": [CHOSEN_BY, "test_accuracy" if self.older else CHOSEN_TEST],
        }
        charts = [*lines, beside] if settings else lines
        return [{"uuid": f"nnexp-{number}", "metricSectionId": SECTION} | chart for number, chart in enumerate(charts)]

    @property
    def query(self) -> str:
        """What an address of the experiment's runs needs behind it to show this view."""
        if usable():
            return f"&viewStateShareKey={quote(self.key)}"
        return f"&searchFilter={quote(self.runs)}"


def usable() -> bool:
    """Whether views were seen to work in the MLflow that is installed."""
    from mlflow.version import VERSION

    return str(VERSION).startswith(SEEN_IN)


def of_experiment(settings: Sequence[str]) -> View:
    """All trained runs, of which the best twenty are drawn. settings: those that differ between them."""
    return View(ALL, "nnexp: all runs", "tags.`nnexp.key` LIKE '%'", settings, drawn="FIRST_20_RUNS")


def of_sweep(sweep: str, runs: str, over: Sequence[str]) -> View:
    """A sweep's runs, a curve for each. runs: MLflow's filter for them; over: what it goes over."""
    return View(_key("sweep", sweep), f"sweep {sweep}", runs, over)


def of_means(sweep: str, runs: str, over: Sequence[str], tagged: bool = True) -> View | None:
    """A sweep's settings, each averaged over its seeds, within the seeds' range; None if it has no seeds to average.

    tagged: whether each run has a tag that says which setting it has; those of earlier versions have not.
    """
    by = [name for name in over if name != "seed"][:MOST_SETTINGS]
    if not by or len(by) == len(over):
        return None
    groups = [("tag", setting_tag(sweep))] if tagged else [("param", name) for name in by]
    return View(_key("means", sweep), f"sweep {sweep}, averaged over seeds", runs, over, groups)


def best_view(sweep: str, runs: str, kept: Container[str]) -> View:
    """What a link to a sweep opens: its means over seeds if there are any, else its curves. kept: the views' tags."""
    means = View(_key("means", sweep), "", runs, ())
    return means if TAG + means.key in kept else of_sweep(sweep, runs, ())


def settings_in(value: str) -> list[str]:
    """The settings that are columns in the view that a tag keeps; none if it can't be read."""
    try:
        columns = json.loads(json.loads(value)["state"])["selectedColumns"]
    except (ValueError, KeyError, TypeError):
        return []  # a person can save another view in its place, and MLflow may pack it
    return [name[len("params.`") : -1] for name in columns if str(name).startswith("params.`")]


def shows(value: str, view: View) -> bool:
    """Whether it is this view that a tag keeps, whenever that was written."""
    try:
        return bool(json.loads(json.loads(value)["state"]) == view.state())
    except (ValueError, KeyError, TypeError):
        return False


def ends_of(lasts: Sequence[float], bests: Sequence[float]) -> tuple[float, float]:
    """The ends of an accuracy's axis on which runs can be told apart: half of it is for where they ended.

    Else the untrained network, right once in ten times, makes one line of all that came later, and so does a run that
    has learnt nothing: it may lie below the axis. lasts, bests: of each run, 0 to 1.
    """
    best, middle = max(bests), median(lasts)
    worst = max(min(lasts), middle - OUTLIER * (best - middle))
    spread = best - worst + 0.005
    return max(0.0, round(worst - spread, 3)), min(1.0, round(best + spread / 4, 3))


def _line(metric: str, ends: tuple[float, float] | None) -> dict[str, Any]:
    line = {"type": "LINE", "metricKey": metric, "lineSmoothness": 0, "useGlobalLineSmoothing": False}
    return line | ({"range": {"yMin": ends[0], "yMax": ends[1]}} if ends else {})


def _key(what: str, sweep: str) -> str:
    key = f"{what}.{sweep}"
    return key if len(key) <= LONGEST_KEY else f"{what}.{hashlib.sha256(sweep.encode()).hexdigest()[:16]}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

"""The report page of a search."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from searches import DEFAULT, fresh, search, tried, varied

from nnexp.searches.matters import Matters
from nnexp.searches.render.html import as_html, written
from nnexp.searches.render.sentences import headline
from nnexp.searches.searched import Searched
from nnexp.study.objectives import VALIDATION

NOTHING = Matters(VALIDATION, 0)


def page(searched: Searched, found: Matters = NOTHING) -> str:
    return as_html(searched, [], [found])


@pytest.fixture(scope="module")
def files() -> dict[str, str | bytes]:
    return written(varied(), [NOTHING])


def test_the_report_and_its_pictures_are_written_by_name(files: dict[str, str | bytes]) -> None:
    names = ["history", "by_eta", "by_optimiser", "by_optimiser_momentum", "pair", "parallel", "learning_curves"]
    assert [*files] == ["report.html", *(f"figures/{name}.png" for name in names)]
    assert all(bytes(data).startswith(b"\x89PNG") for data in files.values() if isinstance(data, bytes))


def test_the_page_stands_alone(files: dict[str, str | bytes]) -> None:
    html = str(files["report.html"])
    assert html.count("<svg") == 7
    assert "default-src 'none'" in html
    assert html.count("<script") == 1
    assert "src=" not in html


def test_every_element_is_closed(files: dict[str, str | bytes]) -> None:
    parser = Balance()
    parser.feed(str(files["report.html"]))
    assert parser.open == []


def test_the_verdict_leads_the_page() -> None:
    found = varied()
    assert f'<strong id="verdict">{headline(found)}</strong>' in page(found)


def test_the_best_ten_are_above_and_all_below() -> None:
    html = page(varied(14))
    assert html.partition("</table>")[0].count("<tr>") == 11
    assert "<summary>All 14 trials</summary>" in html


def test_the_space_and_how_it_was_searched_are_told() -> None:
    html = page(varied())
    assert "<li>eta: 0.1 to 10, logarithmic</li>" in html
    assert "Chosen by tpe; pruned by median; validation_accuracy: maximize." in html


def test_what_matters_has_a_row_for_each_setting_where_it_can_be_believed() -> None:
    shares = {"eta": 0.6, "optimiser.momentum": 0.1, "rest": 0.3}
    html = page(varied(), Matters(VALIDATION, 10, shares, fanova={"eta": 0.9}))
    row = '<tr><th scope="row" class="left">{}</th><td>{}</td><td>{}</td></tr>'
    assert row.format("eta", "60 %", "90 %") in html
    assert row.format("optimiser.momentum", "10 %", "-") in html


def test_without_fanova_the_sentence_says_it_all(files: dict[str, str | bytes]) -> None:
    assert "what matters: 0 complete trials can&#39;t tell" in str(files["report.html"])
    assert "fANOVA" not in str(files["report.html"])


def test_the_confirmation_has_its_own_tables() -> None:
    winner, second = {"eta": 1.0, "mini_batch_size": 10}, {"eta": 2.0, "mini_batch_size": 10}
    default = {name: DEFAULT[name] for name in winner}
    confirmation = fresh((winner, 0.97, 0.97), (second, 0.96, 0.96), (default, 0.95, 0.95))
    html = page(search(tried(0, 0.98, **winner), tried(1, 0.97, **second), confirmation=confirmation))
    assert "(sweep search-eta-confirmed)" in html
    assert '<table class="data" id="confirmation">' in html
    assert '<table class="data" id="differences">' in html
    assert all(f">{which}</th>" in html for which in ("best", "runner-up", "default"))
    assert "By fresh seeds" not in page(varied())


def test_all_of_the_front_is_shown() -> None:
    trials = [tried(number, (0.9 + number / 100, 10.0 + number), eta=1.0 + number) for number in range(12)]
    html = page(search(*trials, objectives=[VALIDATION, "train_seconds"]))
    assert html.partition("</table>")[0].count('<th scope="row">front</th>') == 12


def test_a_search_without_any_result_has_a_page() -> None:
    html = page(search(tried(0, None, "failed", eta=1.0)))
    assert "no trial has a result: 1 failed" in html
    assert "Charts" not in html
    assert "What matters" not in html


def test_a_value_is_no_html() -> None:
    assert "<b>x" not in page(search(tried(0, data="<b>x"), tried(1, data="y")))


class Balance(HTMLParser):
    """The elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

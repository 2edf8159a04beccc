"""The page that explains a selection: everything is on it, nothing on it is dangerous, and it loads nothing."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import alps
from alps.analysis.token_spans import TokenSpan
from alps.base.errors import AlpsError, AlpsWarning
from alps.reports.selection_evidence import gather_evidence
from alps.reports.selection_report import selection_report, write_selection_report
from alps.reports.shaded_text import shaded_text
from alps.strategies import strategies

COLD = [row.name for row in strategies().values() if "classifier" not in row.needs]
HOSTILE = [
    "<script>alert(1)</script> & co",
    "</style><img src=x onerror=alert(2)>",
    "he said \u202eevil\u202c to them",
    "zero\u200bwidth and \x1b[31mred\x1b[0m",
    "\U0001f600\U0001f680 \U0001f1ee\U0001f1f9",
    "שלום עולם, a greeting",
    "{{ 7 * 7 }} {% include 'style.css' %}",
    '" onmouseover="alert(3)',
]


class Page(HTMLParser):
    """The tags, and the text inside every tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.words.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    @property
    def text(self) -> str:
        return "".join(self.words)


def select(texts: Any, k: int, model: Path, **options: Any) -> alps.Selection:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlpsWarning)
        return alps.select(texts, k, model=str(model), **options)


@pytest.fixture(scope="module")
def model(checkpoints: dict[str, Path]) -> Path:
    return checkpoints["bert"]


def test_it_has_one_heading_and_tells_the_picks_and_randoms_beside_them(news: list[str], model: Path) -> None:
    selection = select(news, 6, model)
    html = selection_report(selection, command="alps select news.csv -k 6")
    page = Page(html)
    assert page.count("h1") == 1
    assert "6 texts to label first" in page.text
    assert "alps select news.csv -k 6" in page.text
    cards = [attributes["id"] for tag, attributes in page.tags if tag == "li" and attributes.get("class") == "card"]
    assert cards == [f"{kind}-{rank}" for kind in ("picks", "random") for rank in range(1, 7)]
    assert ("html", {"lang": "en"}) in page.tags
    for text in selection.texts:
        assert " ".join(text.split()[:8]) in " ".join(page.text.split())


def test_as_many_tokens_are_underlined_as_were_evaluated(news: list[str], model: Path) -> None:
    short = [" ".join(text.split()[:12]) for text in news]
    selection = select(short, 5, model, strategy="alps", evaluated_fraction=0.4)
    page = Page(selection_report(selection))
    told = re.findall(r"(\d+) of (\d+) tokens? evaluated", page.text)
    assert len(told) == 10  # Random's too
    underlined = sum(tag == "u" and "title" in attributes for tag, attributes in page.tags)
    assert underlined == sum(int(n) for n, _ in told)


@pytest.mark.parametrize(
    ("fraction", "said"), [(0.4, "the 40% drawn at random, which"), (1.0, "the evaluated tokens, all of them, which")]
)
def test_it_says_which_tokens_were_evaluated(fraction: float, said: str, news: list[str], model: Path) -> None:
    page = Page(selection_report(select(news, 3, model, strategy="alps", evaluated_fraction=fraction)))
    assert said in " ".join(page.text.split())


@pytest.mark.parametrize("options", [{"strategy": "stratified"}, {"strategy": "alps", "evaluated_fraction": 0.4},
                                     {"strategy": "alps", "masked": True}])  # fmt: skip
def test_the_mean_surprisal_is_that_of_the_cards(options: dict[str, Any], news: list[str], model: Path) -> None:
    page = Page(selection_report(select(news, 7, model, **options)))
    told = " ".join(page.text.split())
    evaluates = options["strategy"] == "alps"
    assert ("over the evaluated tokens" in told, "over all tokens" in told) == (evaluates, not evaluates)
    averages = [float(number) for number in re.findall(r"([\d.]+) nats each on average", told)]
    assert len(averages) == 14
    table = told.partition("upper quartile pool")[2].partition("upper quartile pool")[2]  # behind that of the lengths
    for kind, of_cards in (("picks", averages[:7]), ("random", averages[7:])):
        quartiles = re.search(kind + 3 * r"(\d+\.\d\d)", table)
        assert quartiles is not None
        assert [float(number) for number in quartiles.groups()] == sorted(of_cards)[1::2]


def test_hostile_texts_are_shown_and_do_nothing(model: Path) -> None:
    selection = select([*HOSTILE, "a plain text", "another plain text"], 10, model)
    html = selection_report(selection, command="alps select '<b>'")
    page = Page(html)
    assert not {"script", "img", "iframe", "link", "object", "form"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "alert(1)" in page.text and "{{ 7 * 7 }}" in page.text
    assert not re.search("[\x1b\u200b\u202e]", html)
    assert not any("//" in (attributes.get(name) or "") for _, attributes in page.tags for name in ("src", "href"))
    assert "default-src 'none'" in html


@pytest.mark.parametrize(("strategy", "projection"), [*((name, "pca") for name in COLD), ("alps", "tsne")])
def test_every_cold_strategy_has_a_page(strategy: str, projection: str, news: list[str], model: Path) -> None:
    asked = "label words" in strategies()[strategy].needs
    options = {"label_words": {"first": ["the", "a"], "second": ["in"]}} if asked else {}
    page = Page(selection_report(select(news, 4, model, strategy=strategy, **options), projection=projection))
    assert f"by the strategy {strategy}" in " ".join(page.text.split())
    n_lists = 1 if strategy == "random" else 2
    assert sum(attributes.get("class") == "card" for _, attributes in page.tags) == 4 * n_lists


@pytest.mark.parametrize(("texts", "k"), [(["one text"], 1), (["a", "b", "c"], 3), ([".", "!", "?"], 2)])
def test_very_small_pools(texts: list[str], k: int, model: Path) -> None:
    assert Page(selection_report(select(texts, k, model))).count("h1") == 1


def test_a_very_long_text_is_cut_and_the_page_stays_small(news: list[str], model: Path) -> None:
    long = "The minister said so again. " * 20_000  # half a million characters
    html = selection_report(select([long, *news[:9]], 10, model))
    assert len(html.encode()) < 1_000_000
    assert "more characters are left out of this page" in html


# 2,000 characters of which 510 tokens were read: words, one token a character, and characters that are spelt out.
LONG_TEXTS = {"words": ("said ", 400), "ideographs": ("\u6f22", 2_000), "hidden": ("ab\u200bc ", 400)}


@pytest.mark.parametrize(("piece", "n"), LONG_TEXTS.values(), ids=LONG_TEXTS)
def test_a_page_of_200_long_picks_stays_below_5_MB(
    piece: str, n: int, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    selection = select([f"number {i} of {i % 7}" for i in range(400)], 200, model, strategy="bert-km")
    assert selection.basis is not None
    evidence = gather_evidence(selection.basis, "pca")
    length = len(piece.strip())
    spans = [TokenSpan(i * len(piece), i * len(piece) + length, 10.0, evaluated=True) for i in range(min(n, 510))]
    batches = [replace(batch, texts=[piece * n] * 200, spans=[spans] * 200) for batch in evidence.batches()]
    evidence = replace(evidence, picks=batches[0], random=batches[1])
    monkeypatch.setattr("alps.reports.selection_report.gather_evidence", lambda basis, projection: evidence)
    html = selection_report(selection)
    assert html.count('class="card"') == 400
    assert 2_500_000 < len(html.encode()) < 5_000_000
    assert html.count("more characters are left out of this page") == 400


def test_a_text_is_cut_where_its_bytes_are_spent_and_in_no_token() -> None:
    text = "rain & sun in Rome"
    spans = [TokenSpan(0, 4, 1.0, evaluated=False), TokenSpan(5, 6, 12.0, evaluated=True)]
    spans += [TokenSpan(7, 10, 1.0, evaluated=False)]
    whole = shaded_text(text, spans, 1_000)
    assert (whole.n_left_out, Page(whole.excerpt).text) == (0, text)
    two = shaded_text(text, spans, 2 * 47 + len("rain &amp; "))
    assert Page(two.excerpt).text == "rain & "
    assert two.n_left_out == len("sun in Rome")
    assert len(two.excerpt.encode()) <= 2 * 47 + len("rain &amp; ")
    assert Page(shaded_text(text, spans, 3 * 47 + len("rain &amp; sun in")).excerpt).text == "rain & sun in"
    nothing = shaded_text(text, spans, 46)
    assert (nothing.excerpt, nothing.n_left_out) == ("", len(text))
    assert Page(shaded_text("\u6f22" * 9, None, 6).excerpt).text == "\u6f22" * 2


def test_the_same_selection_gives_the_same_page(news: list[str], model: Path) -> None:
    first, second = (selection_report(select(news, 5, model, seed=3)) for _ in range(2))
    seconds = re.compile(
        r"<dd>[\d.]+</dd></div>\s*</dl>|<dt>seconds[^/]*</dt>\s*<dd>[^<]*</dd>|[\d.,]+ tokens per second"
    )
    lines = [[line for line in seconds.sub("", page).splitlines() if "second" not in line] for page in (first, second)]
    assert lines[0] == lines[1]


def test_it_is_written_whole_and_not_over_another(news: list[str], model: Path, tmp_path: Path) -> None:
    selection = select(news, 3, model)
    path = tmp_path / "report.html"
    write_selection_report(selection, path)
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    with pytest.raises(AlpsError, match="exists already"):
        write_selection_report(selection, path)
    with pytest.raises(AlpsError, match=r"pca|tsne"):
        write_selection_report(selection, tmp_path / "other.html", projection="umap")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]

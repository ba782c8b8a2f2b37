"""The page, the Markdown and the JSON say the same, and the page loads nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from advalorem.brief.charts import VARIABLES
from advalorem.brief.html import to_html
from advalorem.brief.markdown import to_markdown
from advalorem.brief.model import Brief
from advalorem.cli.main import app

LOADING = {"src", "href", "xlink:href", "data", "srcset", "poster", "action"}


class Reader(HTMLParser):
    """Collects ids, links, and what a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in LOADING and not (value or "").startswith("#"):
                self.loads.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def page(brief: Brief) -> str:
    return to_html(brief)


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def test_the_page_loads_nothing(page: str, read: Reader) -> None:
    assert read.loads == []
    assert not read.tags & {"script", "link", "iframe", "object", "embed", "img", "base"}
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    inner = re.findall(r"url\(([^)]*)\)", page)
    assert all(target.strip("'\"&quot;").startswith("#") for target in inner)


def test_a_page_that_loads_is_found_out() -> None:
    reader = Reader()
    reader.feed('<img src="https://x.example/a.png"><link rel="stylesheet" href="//x.example/a">')
    assert len(reader.loads) == 2


def test_ids_are_unique_and_links_lead_to_them(read: Reader) -> None:
    assert len(set(read.ids)) == len(read.ids)
    inner = {link[1:] for link in read.links if link.startswith("#")}
    assert inner <= set(read.ids)
    assert len(inner) > 50


def test_charts_take_their_colours_from_the_page(page: str) -> None:
    assert page.count("<svg") == 4  # each chart wide and narrow
    assert page.count('class="narrow"') == page.count('class="wide"') == 2
    assert not [mark for mark in VARIABLES if mark in page.lower()]
    assert page.count("var(--accent)") > 2
    assert page.count("<title>") == 5  # of the page and of each drawing


def test_words_are_escaped(page: str) -> None:
    assert "Carriers & " not in page
    assert "&amp;lt;" not in page


def test_the_page_is_the_same_each_time(brief: Brief, page: str) -> None:
    assert to_html(brief) == page


def test_page_and_markdown_hold_every_headline(brief: Brief, page: str) -> None:
    text = to_markdown(brief)
    for head in brief.heads:
        for card in head.cards:
            assert f'<span class="figure">{card.now.text}</span>' in page
            assert card.now.text in text
    for section in brief.sections:
        assert f"## {section.title}" in text
        assert f">{section.title}</h2>" in page
    for source in brief.sources:
        assert f"\n{source.number}. {source.citation}" in text
        assert f'id="s{source.number}"' in page


def test_tables_hold_the_same_rows_in_both(brief: Brief, page: str) -> None:
    text = to_markdown(brief)
    rows = page.count('<tbody class="gt_table_body">')
    assert rows == len(re.findall(r"^\| (?:---:?)(?: \||$)", text, re.MULTILINE)) - 2  # the charts


def test_json_holds_the_whole_brief(brief: Brief) -> None:
    assert msgspec.json.decode(brief.to_json(), type=Brief) == brief


def test_versions_and_command_stand_on_the_page(brief: Brief, page: str) -> None:
    assert brief.command in page
    for version in brief.versions.values():
        assert version in page


@pytest.fixture
def made(brief: Brief, monkeypatch: pytest.MonkeyPatch) -> Brief:
    """Let the verb find the brief of the fixture in place of computing it again."""
    monkeypatch.setattr("advalorem.brief.build.build_brief", lambda *_: brief)
    return brief


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["brief", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_the_verb_prints_the_headlines_and_writes_the_page(
    made: Brief, page: str, tmp_path: Path
) -> None:
    out = tmp_path / "brief.html"
    code, text, _ = run("--countries", "CA,MX", "--as-of", "2025-09-18", "--out", str(out))
    assert code == 0
    assert out.read_text(encoding="utf-8") == page
    for head in made.heads:
        for card in head.cards:
            line = rf"{head.name}\s+{card.label}\s+{card.now.text}\s+{card.then.text}"
            assert re.search(line, text), (line, text)


@pytest.mark.parametrize(("format_", "start"), [("md", "# What the"), ("json", "{\n")])
def test_the_verb_writes_other_formats(
    made: Brief, tmp_path: Path, format_: str, start: str
) -> None:
    out = tmp_path / "brief.out"
    words = ("--countries", "CA,MX", "--as-of", "2025-09-18", "--out", str(out))
    assert run(*words, "--format", format_)[0] == 0
    assert out.read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(
    ("name", "start"),
    [("b.md", "# What the"), ("b.json", "{\n"), ("b.htm", "<!doctype"), ("B.HTML", "<!doctype")],
)
def test_the_suffix_says_what_is_written(
    made: Brief, tmp_path: Path, name: str, start: str
) -> None:
    out = tmp_path / name
    assert run("--countries", "CA,MX", "--as-of", "2025-09-18", "--out", str(out))[0] == 0
    assert out.read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--countries", "CA", "--as-of", "2025-09-18", "--out", "page.pdf"),
         "out: 'page.pdf' does not say what to write; end it in .html"),
        (("--countries", "CA", "--as-of", "2025-09-18", "--out", "page"), "or state --format"),
        (("--as-of", "2025-09-18"), "countries: none is given"),
        (("--countries", "CA,QQ", "--as-of", "2025-09-18"), "countries: 'QQ'"),
        (("--countries", "CA,CAN", "--as-of", "2025-09-18"), "names a country twice"),
        (("--countries", "CA"), "as_of: is missing"),
        (("--countries", "CA", "--as-of", "2024-01-01"), "as_of: 2024-01-01 lies before"),
        (("--countries", "CA", "--as-of", "2025-09-18", "--out", "none/such/x.html"),
         "out: 'none/such/x.html' cannot be written"),
        (("--countries", "CA", "--as-of", "2025-01-01"), "against: 2025-01-01 is the day asked"),
        (("--countries", "US", "--as-of", "2025-09-18"), "countries: 'US' is the importer"),
        (("--countries", "CU", "--as-of", "2025-09-18"), "no flows from 'CU' are held"),
    ],
)  # fmt: skip
def test_bad_input_is_named_with_its_remedy(words: tuple[str, ...], message: str) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert message in error


def test_the_readme_shows_what_the_demo_prints(brief: Brief) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = readme.split("<!-- demo output -->")[1].split("<!-- end of demo output -->")[0]
    assert brief.title in shown
    assert len([line for line in shown.splitlines() if "%" in line]) == 6
    for head in brief.heads:
        for card in head.cards:
            line = rf"{head.name}\s+{card.label}\s+{card.now.text}\s+{card.then.text}"
            assert re.search(line, shown), f"run tools/build_demo.py: {line}"

"""The project's papers and files: lock files, sizes, words, glossary, documentation."""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.metadata
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import health_checks as checks
import pytest
import yaml

MEGABYTE = 1_000_000
TEXT = {".py", ".md", ".yaml", ".toml", ".csv", ".sh", ".cff", ".txt"}
# Written in two parts, so that this list does not find itself.
FORBIDDEN = [
    r"\bTO" + r"DO\b",
    r"\bFIX" + r"ME\b",
    "NotImplemented" + "Error",
    r"(?<![\w.~])/(?:wo" + "rk|t" + "mp|ro" + "ot|ho" + r"me)/",
]
# The source folder: never named in the package, and elsewhere only as `../` and its name.
SOURCES = {"src": [r"\bsha" + "red/"], "docs": [r"(?<![\w./])sha" + "red/"]}
FRAGMENT = re.compile(r"\+?[\w.-]+\.(feature|bugfix|doc|removal|misc)(\.\d+)?\.md")
TERMS = """
measure; provision; instrument; heading; column 1 general; column 2; ad valorem; specific; compound;
preference; SPI; USMCA; stacking; displacement; remainder; entry; epoch; situation; ledger;
effective rate; statutory rate; collected rate; in force on; known on; threatened; scheduled;
suspended; expired; revoked; void; reading; parameter; pi; gamma; alpha; theta; kappa_hat; d_hat;
c_hat; P_hat; w_hat; basis; customs value; scope; claim; fact; coverage; headline rate; shipment
"""


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_lock_files(root: Path) -> None:
    locks = sorted((root / "requirements").glob("*.lock"))
    assert {lock.stem for lock in locks} >= {"demo", "dev", "docs"}
    assert not [
        f"{lock.name}: {line}" for lock in locks for line in checks.lock_problems(read(lock))
    ]


def test_no_large_file(files: list[Path]) -> None:
    assert not [path for path in files if path.stat().st_size > 10 * MEGABYTE]


def test_packaged_data_are_small(root: Path, files: list[Path]) -> None:
    package = root / "src" / "advalorem"
    data = [path for path in files if package in path.parents and path.suffix != ".py"]
    assert sum(path.stat().st_size for path in data) < 40 * MEGABYTE


@pytest.mark.parametrize("folder", ["src", "tests", "docs", "tools", "changelog.d", "benchmarks"])
def test_no_forbidden_word(root: Path, files: list[Path], folder: str) -> None:
    words = [*FORBIDDEN, *SOURCES.get(folder, [])]
    texts = [path for path in files if root / folder in path.parents and path.suffix in TEXT]
    assert not [f"{p}: {f}" for p in texts for f in checks.forbidden_words(read(p), words)]


def test_papers_have_no_forbidden_word(root: Path) -> None:
    papers = [path for path in root.iterdir() if path.suffix in TEXT or path.name == "NOTICE"]
    assert not [f"{p}: {f}" for p in papers for f in checks.forbidden_words(read(p), FORBIDDEN)]


def test_forbidden_words_are_found() -> None:
    for sample in ("# TO" + "DO", "raise NotImplemented" + "Error", "open('/t" + "mp/x')"):
        assert checks.forbidden_words(sample, FORBIDDEN)
    assert checks.forbidden_words("../sha" + "red/data", SOURCES["src"])
    assert checks.forbidden_words("sha" + "red/data", SOURCES["docs"])
    assert not checks.forbidden_words("../sha" + "red/data", SOURCES["docs"])


def test_glossary(root: Path) -> None:
    required = [term.strip() for term in TERMS.replace("\n", " ").split(";")]
    assert not checks.glossary_problems(read(root / "docs/glossary.md"), required)


def pages(root: Path) -> list[Path]:
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))]


def run_examples(path: Path) -> tuple[int, str]:
    """Run the Python examples of one page in order; return failures and their report."""
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    names: dict[str, Any] = {}
    for number, block in enumerate(checks.fences(read(path), "python")):
        if ">>>" not in block:
            ast.parse(block)
            continue
        test = doctest.DocTestParser().get_doctest(block, names, f"{path.name}[{number}]", None, 0)
        test.globs = names
        runner.run(test, out=report.append, clear_globs=False)
    return runner.summarize(verbose=False).failed, "".join(report)


def test_examples_of_pages_run(root: Path) -> None:
    for page in pages(root):
        failed, report = run_examples(page)
        assert not failed, report


def test_example_runner_can_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> x = 1\n```\n\n```python\n>>> x\n2\n```\n", encoding="utf-8")
    failed, report = run_examples(page)
    assert failed == 1
    assert "Expected" in report
    page.write_text("```python\n>>> x = 1\n```\n\n```python\n>>> x\n1\n```\n", encoding="utf-8")
    assert run_examples(page)[0] == 0


def test_pages_link_to_files_that_exist(root: Path) -> None:
    missing = [
        f"{page.name}: {target}"
        for page in pages(root)
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#:\s]+)[^)]*\)", read(page))
        if not (page.parent / target).exists()
    ]
    assert not missing


def docs_cli(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_cli", root / "tools" / "docs_cli.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(root: Path) -> tuple[ModuleType, Any]:
    if importlib.util.find_spec("advalorem.cli.main") is None:
        pytest.skip("no command line")
    tool = docs_cli(root)
    return tool, tool.load_command()


def test_page_of_the_command_line_is_current(root: Path) -> None:
    tool, command = program(root)
    page = root / "docs" / "cli.md"
    assert page.exists() and read(page) == tool.page(command), "run python tools/docs_cli.py"


def test_readme_names_verbs_that_exist(root: Path) -> None:
    _, command = program(root)
    assert checks.verbs(read(root / "README.md")) <= set(command.commands)


def test_page_of_a_sample_program(root: Path) -> None:
    import typer

    app = typer.Typer()

    @app.command()
    def duty(hts: str = typer.Option(help="Tariff | code.")) -> None:
        """What a shipment owes."""

    @app.command()
    def changes(first: str) -> None:
        """What changed."""

    tool = docs_cli(root)
    page = tool.page(typer.main.get_command(app))
    assert "## advalorem changes" in page
    assert "What a shipment owes." in page
    assert "Tariff \\| code." in page


def test_readme_shows_the_two_commands(root: Path) -> None:
    first_screen = "\n".join(read(root / "README.md").splitlines()[:40])
    assert "make demo" in first_screen
    assert "make test" in first_screen
    assert "<!-- demo output -->" in first_screen


def test_make_has_the_targets(root: Path) -> None:
    makefile = read(root / "Makefile")
    for target in ("demo", "test", "test-all", "check", "bench", "docs", "clean"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    assert "make test" in read(root / ".ci" / "run")


def test_licence_and_notice(root: Path) -> None:
    project = tomllib.loads(read(root / "pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    licence = read(root / "LICENSE")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    notice = read(root / "NOTICE")
    for source in (
        "International Trade Commission",
        "Census",
        "oe.cd/icio",
        "Open Government Licence",
    ):
        assert source in notice


def test_citation(root: Path) -> None:
    citation = yaml.safe_load(read(root / "CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["authors"] == [{"name": "advalorem contributors"}]
    assert citation["version"] == importlib.import_module("advalorem").__version__
    assert citation["version"] == importlib.metadata.version("advalorem")


def test_changelog_fragments(root: Path) -> None:
    names = [p.name for p in (root / "changelog.d").iterdir() if not p.name.startswith(".")]
    assert not [name for name in names if not FRAGMENT.fullmatch(name)]
    assert "towncrier release notes start" in read(root / "CHANGELOG.md")
    assert not FRAGMENT.fullmatch("fees.md")

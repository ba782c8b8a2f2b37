"""Each checker finds the fault that it is there for, and nothing in a sample without it."""

from __future__ import annotations

import health_checks as checks
import pytest

NAMES = {"CA", "MX", "US", "CAN", "Canada"}


@pytest.mark.parametrize(
    "bad",
    [
        'x = "9903.01.13"',
        'x = "7208.51.00"',
        'x = {"72085100": 1}',
        'if code.startswith("9903"): pass',
        'x = f"{a} 9903"',
    ],
)
def test_headings_found(bad: str) -> None:
    assert checks.headings(bad)


@pytest.mark.parametrize(
    "good", ['"""See 9903.01.13."""', "# 9903.01.13", 'x = "2025-09-18"', 'x = "3.11"', "x = 10"]
)
def test_no_heading_in_prose_and_dates(good: str) -> None:
    assert not checks.headings(good)


@pytest.mark.parametrize(
    "bad", ['if x == "CA": pass', 'x = ["MX"]', 'x = "CA,MX"', 'd["CAN"]', 'x == "Canada"']
)
def test_countries_found(bad: str) -> None:
    assert checks.countries(bad, NAMES)


def test_no_country_in_words() -> None:
    assert not checks.countries('"""CA."""\nx = "such as CA"\ny = "ca"\nz = "US "', NAMES)
    assert not checks.countries('x = "CA"', NAMES, allowed=("CA",))


@pytest.mark.parametrize("bad", ["x = 0.25", "x = .003464", 'x = "25%"', 'x = Decimal("0.25")'])
def test_rates_found(bad: str) -> None:
    assert bool(checks.rates(bad)) is (bad != "x = .003464")


def test_no_rate_in_tolerances() -> None:
    assert not checks.rates("x = 1e-9\ny = 1.5\nz = 0.0\nw = 100")
    assert not checks.rates("x = 0.5", allowed=(0.5,))


def test_long_functions_found() -> None:
    body = "    x = 1\n" * 5
    assert checks.long_functions(f"def f():\n{body}", 5)
    assert not checks.long_functions(f'def f():\n    """One.\n\n    Two.\n    """\n{body}', 6)


def test_long_module_found() -> None:
    assert checks.long_module("x = 1\n" * 3, 2)
    assert not checks.long_module("x = 1\n" * 2, 2)


def test_forbidden_words_found() -> None:
    assert checks.forbidden_words("good\nbad word", ["bad"]) == ["line 2: 'bad'"]
    assert not checks.forbidden_words("good", ["bad"])


def test_lock_problems_found() -> None:
    good = "a==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via b\n"
    assert not checks.lock_problems(good)
    assert not checks.lock_problems('a==1.0 ; python_version < "3.12" \\\n    --hash=sha256:00\n')
    assert checks.lock_problems("a==1.0\n")
    assert checks.lock_problems("a>=1.0 \\\n    --hash=sha256:00\n")
    assert checks.lock_problems("--index-url https://example.org\n" + good)
    assert checks.lock_problems("a @ file:///a.whl \\\n    --hash=sha256:00\n")


def test_heavy_modules_found() -> None:
    assert checks.heavy(["numpy", "pandas.core", "os"], {"pandas"}) == ["pandas"]
    assert not checks.heavy(["numpy"], {"pandas"})


def test_glossary_problems_found() -> None:
    page = "# G\n\n## Law\n\n### Measure\n\nText.\n\n### Basis\n\nText.\n\n### Basis\n\n## Duty\n"
    assert checks.glossary_problems(page, ["measure", "entry"]) == [
        "missing: entry",
        "twice: basis",
        "empty: basis",
    ]
    assert not checks.glossary_problems("### Measure\n\nText.\n", ["measure"])


def test_fences_and_verbs_read() -> None:
    page = "```python\n>>> 1\n1\n```\n\n    advalorem duty --hts X\n\n| `brief` | a page |\n"
    assert checks.fences(page, "python") == [">>> 1\n1\n"]
    assert checks.verbs(page) == {"duty", "brief"}

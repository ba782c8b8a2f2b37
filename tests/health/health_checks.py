"""The checkers of the health tests: pure functions from text to findings, one line each."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator

HEADING = re.compile(r"(?<![\d.])\d{4}\.\d{2}(\.\d{2,4}){0,2}(?![\d])|(?<!\d)99\d{2}(?!\d)")
CODE = re.compile(r"(\d{8}|\d{10})")
PERCENT = re.compile(r"\d+(\.\d+)?\s*%|0?\.\d{1,4}")
WORD = re.compile(r"[\s,;|]+")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def constants(source: str) -> Iterator[tuple[int, object]]:
    """Yield line and value of every constant outside docstrings (a string on its own line)."""
    tree = ast.parse(source)
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            yield node.lineno, node.value


def headings(source: str) -> list[str]:
    """Find tariff headings: dotted codes, chapter 99 numbers, 8 or 10 digits on their own."""
    return [
        f"line {line}: tariff heading {value!r}"
        for line, value in constants(source)
        if isinstance(value, str) and (HEADING.search(value) or CODE.fullmatch(value.strip()))
    ]


def countries(source: str, names: Collection[str], allowed: Collection[str] = ()) -> list[str]:
    """Find strings that are a country, or a list of countries, by code or by English name."""
    return [
        f"line {line}: country {value!r}"
        for line, value in constants(source)
        if isinstance(value, str) and value not in allowed and _is_country(value, names)
    ]


def _is_country(text: str, names: Collection[str]) -> bool:
    if text != text.strip():  # a piece of a sentence
        return False
    words = [word for word in WORD.split(text) if word]
    return text in names or (bool(words) and all(word in names for word in words))


def rates(source: str, allowed: Collection[float] = ()) -> list[str]:
    """Find what looks like a rate: a float between 0 and 1 of at most four decimals, `25%`."""
    return [
        f"line {line}: rate {value!r}"
        for line, value in constants(source)
        if _is_rate(value) and value not in allowed
    ]


def _is_rate(value: object) -> bool:
    if isinstance(value, float):
        return 0 < value < 1 and round(value, 4) == value
    return isinstance(value, str) and PERCENT.fullmatch(value.strip()) is not None


def long_functions(source: str, limit: int) -> list[str]:
    """Find functions longer than `limit` lines, their docstrings not counted."""
    return [
        f"line {node.lineno}: {node.name} has {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, FUNCTION) and (length := _length(node)) > limit
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None and first.end_lineno is not None:
        total -= first.end_lineno - first.lineno + 1
    return total


def long_module(source: str, limit: int) -> list[str]:
    """Find that a module has more than `limit` lines."""
    length = len(source.splitlines())
    return [f"{length} lines"] if length > limit else []


def forbidden_words(text: str, patterns: Iterable[str]) -> list[str]:
    """Find lines that hold a forbidden pattern."""
    joined = re.compile("|".join(patterns))
    return [
        f"line {number}: {match.group()!r}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := joined.search(line))
    ]


def lock_problems(text: str) -> list[str]:
    """Find addresses in a lock file, and entries that are not pinned or carry no hash."""
    problems = [
        f"line {number}: address in {line.strip()!r}"
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(r"://|--(extra-)?index-url|--find-links|\s@\s", line)
    ]
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        if entry.strip() and not re.match(r"[\w.\[\]-]+==\S+(\s*;[^-]+)?\s+--hash=sha256:", entry):
            problems.append(f"not pinned with a hash: {entry.strip()[:60]!r}")
    return problems


def heavy(modules: Iterable[str], banned: Collection[str]) -> list[str]:
    """Find banned packages among the names of imported modules."""
    return sorted({name.partition(".")[0] for name in modules} & set(banned))


def terms(glossary: str) -> dict[str, str]:
    """Return the terms of the glossary (third-level headings) with their text."""
    parts = re.split(r"^(#{2,3} .+)$", glossary, flags=re.MULTILINE)[1:]
    return {
        title.removeprefix("### ").strip().lower(): body.strip()
        for title, body in zip(parts[::2], parts[1::2], strict=True)
        if title.startswith("### ")
    }


def glossary_problems(glossary: str, required: Iterable[str]) -> list[str]:
    """Find terms that are missing, come twice or say nothing."""
    titles = [title.lower() for title in re.findall(r"^### (.+)$", glossary, re.MULTILINE)]
    told = terms(glossary)
    return [
        *(f"missing: {term}" for term in required if term.lower() not in told),
        *(f"twice: {title}" for title in sorted(set(titles)) if titles.count(title) > 1),
        *(f"empty: {title}" for title, body in told.items() if not body),
    ]


def fences(markdown: str, language: str) -> list[str]:
    """Return the contents of the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)


def verbs(markdown: str, program: str = "advalorem") -> set[str]:
    """Return the verbs that a page names: after the program in code, or in a table of verbs."""
    commands = re.findall(rf"^[ \t]+{program} (\w+) ", markdown, re.MULTILINE)
    return set(commands) | set(re.findall(r"^\| `(\w+)` \|", markdown, re.MULTILINE))

"""The code keeps the project's rules: law is data, layers, light import, short functions."""

from __future__ import annotations

import ast
import csv
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import health_checks as checks
import pytest

PURE = ("law", "schedule", "duty", "rates", "scenario")
HEAVY = {"pandas", "jax", "altair", "pyarrow", "pydantic"}
FUNCTION_LINES = 50
MODULE_LINES = 450
# A number that is no tariff rate, with the module it stands in and the reason why it may.
NO_RATES: dict[tuple[str, float], str] = {}
# A string that happens to be a country's code, with what it means here.
NO_COUNTRIES: dict[str, str] = {
    "TO": "the last day of `changes FROM TO`",
    "IN": "the input of `batch IN`",
}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def modules(root: Path, *folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]


def found(paths: list[Path], check: object, *arguments: object) -> list[str]:
    return [
        f"{path}: {finding}"
        for path in paths
        for finding in check(read(path), *arguments)  # type: ignore[operator]
    ]


def test_no_heading_in_code(root: Path) -> None:
    assert not found(modules(root, "src"), checks.headings)


def test_no_country_in_code(root: Path) -> None:
    table = root / "src/advalorem/lawbook/countries.csv"
    if not table.exists():
        pytest.skip("no list of countries")
    with table.open(encoding="utf-8", newline="") as file:
        names = {row[key] for row in csv.DictReader(file) for key in ("iso2", "iso3", "name")}
    assert len(names) > 100
    assert not found(modules(root, "src"), checks.countries, names, NO_COUNTRIES)


def test_no_rate_in_code(root: Path) -> None:
    package = root / "src" / "advalorem"
    paths = modules(package, *PURE)
    assert paths
    findings = [
        f"{path}: {finding}"
        for path in paths
        for finding in checks.rates(read(path), allowed(path.relative_to(package).as_posix()))
    ]
    assert not findings


def allowed(module: str) -> set[float]:
    return {0.5, *(number for name, number in NO_RATES if name == module)}  # a half, to round


def test_allowed_numbers_still_stand_in_the_code(root: Path) -> None:
    for (module, number), reason in NO_RATES.items():
        assert reason
        assert str(number) in read(root / "src" / "advalorem" / module), (module, number)


def test_functions_and_modules_are_short(root: Path) -> None:
    paths = modules(root, "src", "tools")
    assert not found(paths, checks.long_functions, FUNCTION_LINES)
    assert not found(paths, checks.long_module, MODULE_LINES)


def test_every_module_says_what_it_is(root: Path) -> None:
    paths = modules(root, "src", "tools")
    assert not [p for p in paths if not ast.get_docstring(ast.parse(read(p)))]


def test_import_is_light() -> None:
    script = "import advalorem, json, sys; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "advalorem" in run.stderr
    assert not checks.heavy(json.loads(run.stdout), HEAVY)


def lint_imports(folder: Path, config: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    if importlib.util.find_spec("importlinter") is None or not program.exists():
        pytest.skip("import-linter is not installed")
    return subprocess.run(
        [program, "--config", config, "--cache-dir", cache],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_layers(root: Path, tmp_path: Path) -> None:
    run = lint_imports(root, root / "pyproject.toml", tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


def test_layers_check_can_fail(tmp_path: Path) -> None:
    package = tmp_path / "sample"
    for name, source in {"law": "import sample.duty", "duty": ""}.items():
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").write_text(source, encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    config = tmp_path / ".importlinter"
    config.write_text(
        "[importlinter]\nroot_package = sample\n"
        "[importlinter:contract:one]\nname = one direction\ntype = layers\n"
        "layers =\n    sample.duty\n    sample.law\n",
        encoding="utf-8",
    )
    run = lint_imports(tmp_path, config, tmp_path / "cache")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "BROKEN" in run.stdout

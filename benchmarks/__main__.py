"""`python -m benchmarks [NAME ...]`: run the benchmarks and print one table.

Every module `NAME_bench.py` in this folder offers `run() -> list[Row]`.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.rows import Row

ENDING = "_bench"


def main(wanted: list[str]) -> int:
    """Run the named modules, or all; return 1 when a name is unknown or a target is missed."""
    names = [path.stem for path in sorted(Path(__file__).parent.glob(f"*{ENDING}.py"))]
    chosen = [f"{name.removesuffix(ENDING)}{ENDING}" for name in wanted] or names
    unknown = [name for name in chosen if name not in names]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(names)}")
        return 1
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    missed = 0
    for name in chosen:
        rows = importlib.import_module(f"benchmarks.{name}").run()
        missed += show(name.removesuffix(ENDING), rows)
    return 1 if missed else 0


def show(title: str, rows: list[Row]) -> int:
    """Print the rows of one module; return how many miss their target."""
    width = max((len(row.name) for row in rows), default=0)
    print(f"\n{title}")
    missed = 0
    for row in rows:
        target = "" if row.most is None else f"at most {row.most:g}"
        late = row.most is not None and row.value > row.most
        missed += late
        mark = "MISSED" if late else ""
        figure = f"  {row.name:<{width}}  {row.value:>10.4g} {row.unit:<6}"
        print(f"{figure} {target:<12} {mark:<6} {row.note}".rstrip())
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

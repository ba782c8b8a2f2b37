"""Write the demo's output into the README and take its picture.

`python tools/build_demo.py` runs the command of `make demo`, puts what it prints between the marks
of the README, and, where a Chromium is found, takes a picture of the page's first screen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "assets" / "demo.png"
COMMAND = ("brief", "--countries", "CA,MX", "--as-of", "2025-09-18")
MARKS = re.compile(r"(<!-- demo output -->\n).*?(<!-- end of demo output -->)", re.DOTALL)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1280, 960


def main() -> int:
    """Run the demo, write its output, take the picture."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "brief.html"
        printed = run(page)
        text = README.read_text(encoding="utf-8")
        README.write_text(MARKS.sub(rf"\1\n{block(printed)}\n\2", text), encoding="utf-8")
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser is None:
            print("no Chromium found: the picture is left as it is")
        else:
            take(browser, page)
    return 0


def run(page: Path) -> str:
    """Return what the demo prints, at the width of a page of text."""
    words = [sys.executable, "-m", "advalorem", *COMMAND, "--out", str(page)]
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout


def block(printed: str) -> str:
    """Return the first table that the demo prints, with its title, as indented text."""
    lines = [line.rstrip() for line in printed.splitlines()]
    first = next(number for number, line in enumerate(lines) if "%" in line)
    last = next(number for number in range(first, len(lines)) if not lines[number])
    shown = [line for line in lines[:last] if line]
    return "\n".join(f"    {line}" for line in shown) + "\n"


def take(browser: str, page: Path) -> None:
    """Take a picture of the first screen of the page."""
    size, target = f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={PICTURE}"
    words = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", size, target]
    subprocess.run([*words, page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    raise SystemExit(main())

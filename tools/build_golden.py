"""Make the worked cases of the test suite from the collected ones.

Facts only: shipment, facts stated, expected headings, rates, bases and totals, with the source of
each case. Quotations and reading notes stay behind.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = Path(os.environ.get("ADVALOREM_SOURCES", ROOT.parent / "shared" / "data")) / "golden"
TARGET = ROOT / "tests" / "golden"
CASE_COLUMNS = [
    "case_id", "importer", "programme", "title", "hts", "origin", "entry_date", "date_status",
    "known_on", "value", "currency", "quantity", "quantity_unit", "mode", "usmca_claim",
    "other_preference", "col1_override", "lines_complete", "expected_total_duty", "total_scope",
    "expected_mpf", "expected_hmf", "outcome", "use", "grade", "source", "source_locator",
]  # fmt: skip
LINE_COLUMNS = [
    "case_id", "line_no", "heading", "kind", "measure", "rate", "basis_amount", "amount",
    "combined_with_column1", "applies",
]  # fmt: skip


def main() -> None:
    """Write cases.csv, lines.csv and facts.csv under tests/golden."""
    copy("cases.csv", CASE_COLUMNS)
    copy("lines.csv", LINE_COLUMNS)
    copy("facts.csv", ["case_id", "fact", "value"])


def copy(name: str, columns: list[str]) -> None:
    """Copy the named columns of one file."""
    with (SOURCES / name).open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    with (TARGET / name).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()

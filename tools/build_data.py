"""Build the packaged tables from the source data and write their manifest.

    python tools/build_data.py [TABLE ...] [--out FOLDER]

Sources lie in ``../shared/data`` or where ``ADVALOREM_SOURCES`` points. The same sources and the
same polars version give the same bytes.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from data_canada import canada_tables
from data_common import DATA, Table, write_manifest, write_table
from data_flows import flow_tables
from data_fx import fx_tables
from data_model import model_tables
from data_nomenclature import nomenclature_tables
from data_search import search_tables
from data_successors import successor_tables
from data_trade import trade_tables
from data_values import value_tables

BUILDERS: dict[str, Callable[[], list[Table]]] = {
    "nomenclature": nomenclature_tables,
    "successors": successor_tables,
    "flows": flow_tables,
    "fx": fx_tables,
    "trade": trade_tables,
    "model": model_tables,
    "canada": canada_tables,
    "search": search_tables,
    "values": value_tables,
}


def build(groups: list[str], folder: Path) -> None:
    """Build the named groups of tables into a folder and update the manifest there."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for group in groups:
        for table in BUILDERS[group]():
            entries[table.name] = write_table(table, folder)
            kib = (folder / f"{table.name}.parquet").stat().st_size // 1024
            print(f"{table.name}: {table.frame.height} rows, {kib} KiB")
    write_manifest(entries, folder / "manifest.json")


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "groups",
        nargs="*",
        metavar="GROUP",
        help=f"which tables to build: {', '.join(BUILDERS)} (default: all)",
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to")
    given = parser.parse_args()
    if unknown := set(given.groups) - set(BUILDERS):
        parser.error(f"unknown group {sorted(unknown)}; known: {', '.join(BUILDERS)}")
    build(given.groups or list(BUILDERS), given.out)


if __name__ == "__main__":
    main()

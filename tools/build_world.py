"""Build the packaged economies of the world model from the source tables.

Usage: python tools/build_world.py [--sources ../shared/data] [--out src/advalorem/data/world]

The sources are the folders ``cp2015`` and ``world`` of the data collection beside the repository;
`ADVALOREM_SOURCES` names another place. Everything written is listed in ``manifest.json``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from advalorem.world.sources.cp2015 import read_cp2015
from advalorem.world.sources.oecd import read_icio2022
from advalorem.world.sources.packaged import save_tables

ROOT = Path(__file__).resolve().parents[1]
BUILDER = "tools/build_world.py"
RETRIEVED = "2026-11-24, from the collected sources pinned by SHA-256 under inputs"
ICIO_DEFAULT = "fgo_icio28"
LICENCES = {
    "cp2015": "data package published with the article; the same numbers are redistributed under "
    "the MIT licence by github.com/paulofelipe/cp2015",
    "icio2022": "OECD terms and conditions: extraction, adaptation and redistribution with "
    "attribution (CC BY 4.0 since July 2024 unless stated otherwise)",
    "theta": "numbers from the publications named per set",
    "labels": "ISO 3166-1 codes; labels of the source tables",
}


def main() -> None:
    """Write theta sets, economies and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("ADVALOREM_SOURCES", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--sources", type=Path, default=Path(default))
    parser.add_argument("--out", type=Path, default=ROOT / "src/advalorem/data/world")
    given = parser.parse_args()
    (given.out / "economies").mkdir(parents=True, exist_ok=True)
    sets = theta_sets(given.sources / "world" / "elasticities.csv")
    sets["cp2015_model"] = cp2015_set(given.sources / "cp2015")
    write_json(given.out / "theta.json", {"sets": sets})
    save_tables(read_cp2015(given.sources / "cp2015"), given.out / "economies" / "cp2015.npz")
    save_tables(icio(given.sources / "world", sets), given.out / "economies" / "icio2022.npz")
    write_json(given.out / "manifest.json", manifest(given.out, given.sources))


def icio(folder: Path, sets: dict[str, Any]) -> Any:
    """Return the OECD baseline with its default elasticities."""
    with (folder / "sectors.csv").open(encoding="utf-8", newline="") as file:
        sectors = [row["code"] for row in csv.DictReader(file)]
    theta = np.array([sets[ICIO_DEFAULT]["values"][sector] for sector in sectors])
    return read_icio2022(folder, theta, ICIO_DEFAULT)


def theta_sets(path: Path) -> dict[str, Any]:
    """Return all model-ready sets for the 28 sectors, with source and note per sector."""
    sets: dict[str, Any] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["set_id"].endswith("_icio28") or row["variant"] != "total":
                continue
            held = sets.setdefault(row["set_id"], {"values": {}, "sources": {}})
            held["values"][row["sector"]] = float(row["theta"])
            text = "; ".join(part for part in (row["kind"], row["source"], row["note"]) if part)
            held["sources"][row["sector"]] = text
    return sets


def cp2015_set(folder: Path) -> dict[str, Any]:
    """Return the elasticities that the authors' counterfactuals use."""
    tables = read_cp2015(folder)
    values = dict(zip(tables.sectors, (float(value) for value in tables.theta), strict=True))
    source = "Caliendo and Parro (2015), Review of Economic Studies 82(1), Table 1, 99 % sample"
    return {"values": values, "sources": {"all": f"{source}, as used by the authors' code (T.txt)"}}


def manifest(out: Path, sources: Path) -> dict[str, Any]:
    """Return one entry per packaged file: source, licence, retrieved, sha256, builder."""
    entries = []
    for path in sorted(out.rglob("*")):
        if path.is_dir() or path.name == "manifest.json":
            continue
        entries.append(entry(path, out))
    inputs = [
        *sorted((sources / "cp2015").glob("*.txt")),
        sources / "world/trade_2022.parquet",
        sources / "world/io_use_2022.parquet",
        sources / "world/output_va_2022.parquet",
        sources / "world/elasticities.csv",
    ]
    return {
        "files": entries,
        "inputs": [
            {"file": path.relative_to(sources).as_posix(), "sha256": digest(path)}
            for path in inputs
        ],
    }


def entry(path: Path, out: Path) -> dict[str, str]:
    """Return the manifest entry of one file."""
    texts = json.loads((out / "world.json").read_text(encoding="utf-8"))["economies"]
    kind = path.stem if path.stem in texts else "theta" if path.stem == "theta" else "labels"
    source = (
        "; ".join(texts[kind]["sources"])
        if kind in texts
        else {
            "theta": "per set and sector in the file",
            "labels": "ISO 3166-1; labels of the source tables",
        }[kind]
    )
    return {
        "file": path.relative_to(out).as_posix(),
        "source": source,
        "licence": LICENCES[kind],
        "retrieved": RETRIEVED,
        "sha256": digest(path),
        "builder": BUILDER if path.suffix != ".csv" and path.name != "world.json" else "by hand",
    }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write JSON with a final newline."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Options of `advalorem simulate`, one name each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Economy = Annotated[
    str, typer.Option("--economy", "-e", help="Packaged economy, or a folder of tables.")
]
Scenario = Annotated[
    str | None,
    typer.Option(
        "--scenario", "-s", help="Scenario of the economy, a scenario file, or a shipped scenario."
    ),
]
Tariffs = Annotated[
    Path | None,
    typer.Option(
        "--tariffs",
        help="CSV or Parquet of new tariffs: importer, exporter, sector and tariff (fraction) "
        "or tariff_pct; what has no row stays.",
    ),
]
Raises = Annotated[
    list[str] | None,
    typer.Option("--raise", "-r", help="Such as 'USA <- CAN,MEX / C29: +25'; repeatable."),
]
Costs = Annotated[
    Path | None, typer.Option("--costs", help="CSV or Parquet: importer, exporter, sector, d_hat.")
]
BaseTariffs = Annotated[
    Path | None, typer.Option("--base-tariffs", help="Tariffs of the base year, as --tariffs.")
]
Closure = Annotated[str, typer.Option("--closure", help="zero_deficits, world_share or nominal.")]
Numeraire = Annotated[
    str | None, typer.Option("--numeraire", help="Country whose wage is the unit of value.")
]
Theta = Annotated[
    str | None,
    typer.Option("--theta", help="Set of trade elasticities, or a CSV of sector, theta."),
]
Aggregate = Annotated[
    Path | None, typer.Option("--aggregate", help="CSV of kind, code, into: labels to merge.")
]
Countries = Annotated[
    str | None, typer.Option("--countries", help="Show these only, such as CA,MX,US.")
]
Decompose = Annotated[
    bool, typer.Option("--decompose", help="Split the exact change along the tariff path.")
]
ZerosOmitted = Annotated[
    bool, typer.Option("--zeros-omitted", help="The folder's tables leave zero rows out.")
]
AllowAbove100 = Annotated[
    bool, typer.Option("--allow-above-100", help="High rates in a column tariff are fractions.")
]
Many = Annotated[
    Path | None,
    typer.Option("--many", help="As --tariffs with a column scenario: solve each of them."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", help="Processes for --many and --draws; default one per core."),
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", help="Address of a dask scheduler, for the same.")
]
Checkpoint = Annotated[
    Path | None, typer.Option("--checkpoint", help="File that keeps results of --many.")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for tables of results, CSV.")]
LawFrom = Annotated[
    str | None, typer.Option("--law-from", help="Day whose law is the base, YYYY-MM-DD.")
]
LawTo = Annotated[
    str | None, typer.Option("--law-to", help="Day whose law is asked about, YYYY-MM-DD.")
]
Attribute = Annotated[
    bool, typer.Option("--attribute", help="Split the change over the measures of the law.")
]
KnownOn = Annotated[
    str | None, typer.Option("--known-on", help="Day up to which acts are known, with the law.")
]
Zoom = Annotated[
    str | None,
    typer.Option("--zoom", help="With the law: products of EXPORTER:SECTOR, such as MX:C29."),
]
Digits = Annotated[int, typer.Option("--digits", help="Digits of the codes of --zoom: 6, 8 or 10.")]
AttributeOf = Annotated[
    str | None,
    typer.Option(
        "--attribute-of",
        help="Split this instead of real income: real_wage, exports, imports, prices, "
        "output:SECTOR or sales:IMPORTER.",
    ),
]
Exposure = Annotated[
    str | None,
    typer.Option("--exposure", help="How --countries depend on this market, and who gains there."),
]
Regions = Annotated[
    Path | None,
    typer.Option("--regions", help="Table of provinces or states: country, region, sector, share."),
]

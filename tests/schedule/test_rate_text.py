"""Rate texts: every form that the schedule prints, and properties of the parser."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advalorem.schedule.rate_text import RateText, parse_rate, parse_special


def terms(rate: RateText) -> list[tuple[str, str, str | None, str]]:
    return [(str(c.amount), c.unit, c.of, c.role) for c in rate.components]


@pytest.mark.parametrize(
    ("text", "kind", "components"),
    [
        # Texts of the 2025 Basic edition, general and column 2.
        ("Free", "free", []),
        ("2.5% <u></u>", "ad_valorem", [("0.025", "1", None, "add")]),
        ("37% /", "ad_valorem", [("0.37", "1", None, "add")]),
        ("6.5% on the entire set", "ad_valorem", [("0.065", "1", None, "add")]),
        ("10.5¢/bbl", "specific", [("0.105", "bbl", None, "add")]),
        ("$1.035/kg", "specific", [("1.035", "kg", None, "add")]),
        ("$1.13/m<sup>3</sup>", "specific", [("1.13", "m3", None, "add")]),
        ("38¢/m2", "specific", [("0.38", "m2", None, "add")]),
        ("<il>86.1¢/m<sup>2</sup></il> of recording surface", "specific",
         [("0.861", "m2", "recording surface", "add")]),
        ("$2.13/m<sup>2 </sup>+ 5%", "compound",
         [("2.13", "m2", None, "add"), ("0.05", "1", None, "add")]),
        ("1.1¢/kg + 8.8%", "compound", [("0.011", "kg", None, "add"), ("0.088", "1", None, "add")]),
        ("39.9¢/kg +6%", "compound", [("0.399", "kg", None, "add"), ("0.06", "1", None, "add")]),
        ("4.4¢/kg on drained weight", "specific", [("0.044", "kg", "drained weight", "add")]),
        ("22¢/kg on drained weght + 45%", "compound",
         [("0.22", "kg", "drained weight", "add"), ("0.45", "1", None, "add")]),
        ("18.7¢/clean kg", "specific", [("0.187", "kg", "clean yield", "add")]),
        ("$1.32/t, including weight of container", "specific",
         [("1.32", "t", "including weight of container", "add")]),
        ("$4.50/t", "specific", [("4.50", "t", None, "add")]),
        ("68¢/head", "specific", [("0.68", "no", None, "add")]),
        ("0.9¢ each", "specific", [("0.009", "no", None, "add")]),
        ("89.6¢/1000", "specific", [("0.896", "thousand", None, "add")]),
        ("$2.50/thou- sand + 40%", "compound",
         [("2.50", "thousand", None, "add"), ("0.40", "1", None, "add")]),
        ("10¢/1,000 pins + 3.5%", "compound",
         [("0.1", "thousand", "pins", "add"), ("0.035", "1", None, "add")]),
        ("4.5¢/ liter", "specific", [("0.045", "L", None, "add")]),
        ("$1.32/pf. liter", "specific", [("1.32", "pf.L", None, "add")]),
        ("0.3¢/line/ gross + 4.6%", "compound",
         [("0.003", "line.gross", None, "add"), ("0.046", "1", None, "add")]),
        ("76¢/pr. + 32%", "compound", [("0.76", "pair", None, "add"), ("0.32", "1", None, "add")]),
        ("3.3¢/lin. m", "specific", [("0.033", "m", None, "add")]),
        ("3.1¢/liter + 22.1¢/pf. liter on ethyl alcohol content", "parts",
         [("0.031", "L", None, "add"), ("0.221", "pf.L", "ethyl alcohol content", "add")]),
        ("2.5% on the value of the lead content", "parts", [("0.025", "1", "lead content", "add")]),
        ("43¢ each + 2.8¢/jewel over 7 + 3.7% on the case", "parts",
         [("0.43", "no", None, "add"), ("0.028", "jewel", "over 7", "add"),
          ("0.037", "1", "case", "add")]),
        ("3.6606¢/kg less 0.020668¢/kg for each degree under 100 degrees (and fractions of a "
         "degree in proportion) but not less than 3.143854¢/kg", "parts",
         [("0.036606", "kg", None, "add"), ("0.00020668", "kg", "degrees under 100", "less"),
          ("0.03143854", "kg", None, "at_least")]),
        ("3 percent of the fair retail value", "parts",
         [("0.03", "1", "fair retail value", "add")]),
        ("See additional U.S. note 1", "other", []),
        ("The rate applicable to the natural juice in heading 2009", "other", []),
        ("", "none", []),
        (None, "none", []),
    ],
)  # fmt: skip
def test_forms(text: str | None, kind: str, components: list[tuple[str, str, str, str]]) -> None:
    rate = parse_rate(text)
    assert rate.kind == kind
    found = terms(rate)
    assert [(Decimal(a), *rest) for a, *rest in found] == [
        (Decimal(a), *rest) for a, *rest in components
    ]


def test_a_third_is_exact_to_the_context() -> None:
    assert abs(parse_rate("33 1/3%").ad_valorem * 3 - 1) < Decimal("1e-26")


@pytest.mark.parametrize("text", ["5¢/furlong", "12", "$3/bushel + 2%"])
def test_unknown_units_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate text: .*(unknown unit|neither)"):
        parse_rate(text)


@given(st.decimals(0, 500, places=2), st.sampled_from(["kg", "t", "liter", "bbl"]))
def test_amounts_in_cents_and_dollars_agree(amount: Decimal, unit: str) -> None:
    in_cents = parse_rate(f"{amount * 100:f}¢/{unit}").components
    in_dollars = parse_rate(f"${amount:f}/{unit}").components
    assert in_cents == in_dollars


@given(st.decimals(0, 300, places=2))
def test_percentages_are_exact(percent: Decimal) -> None:
    assert parse_rate(f"{percent:f}%").ad_valorem * 100 == percent


def test_special_column_keeps_every_programme_once() -> None:
    special = parse_special(
        "Free (BH,CL,CO,JO,KR,MA,OM,P,PE,SG) 12.4¢/kg + 0.5% (PA) See 9822.04.10 (AU) "
        "See 9823.03.01-9823.03.12 (S+)"
    )
    assert [(s.rate.kind, s.programmes) for s in special] == [
        ("free", ("BH", "CL", "CO", "JO", "KR", "MA", "OM", "P", "PE", "SG")),
        ("compound", ("PA",)),
        ("other", ("AU",)),
        ("other", ("S+",)),
    ]


def test_special_column_with_words_in_brackets() -> None:
    special = parse_special(
        "Free (AU,BH,S) A duty upon the value of the repairs or alterations "
        "(see U.S. note 3 of this subchapter) (B,C)"
    )
    assert [(s.rate.kind, s.rate.reason, s.programmes) for s in special] == [
        ("free", None, ("AU", "BH", "S")),
        ("other", "value_part", ("B", "C")),
    ]

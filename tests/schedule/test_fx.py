"""Average exchange rates: what is held and what is refused."""

import pytest

from advalorem.schedule.fx import average_rate


def test_a_month_and_a_day() -> None:
    """European Central Bank, 2 January 2025: 1.0321 dollars and 1.4885 Canadian dollars a euro."""
    day = average_rate("CAD", "2025-01-02")
    assert day.rate == pytest.approx(1.4885 / 1.0321)
    assert (day.days, day.base) == (1, "USD")
    assert average_rate("CAD", "2025-01").days == 22


def test_a_running_year_says_how_far_it_goes() -> None:
    assert average_rate("MXN", 2026).last.isoformat() == "2026-10-30"


def test_the_source_is_named() -> None:
    assert "European Central Bank" in average_rate("GBP", 2024).source


@pytest.mark.parametrize(
    ("currency", "period", "words"),
    [
        ("JPY", 2024, "give one of CAD, EUR, GBP, MXN"),
        ("CAD", 1999, "from 2015-01-02 to 2026-10-30"),
        ("CAD", "2025-01-04", "working day"),
    ],
)
def test_what_is_not_held_is_refused_with_the_remedy(
    currency: str, period: str | int, words: str
) -> None:
    with pytest.raises(LookupError, match=words):
        average_rate(currency, period)

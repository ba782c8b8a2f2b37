"""Days and origins that several tests of the rates use."""

from datetime import date

BEFORE, PARTNERSHIP = date(2025, 1, 1), date(2025, 9, 18)
BOTH = ("CA", "MX")

"""Package `advalorem.rates`."""

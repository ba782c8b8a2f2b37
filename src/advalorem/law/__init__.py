"""Package `advalorem.law`."""

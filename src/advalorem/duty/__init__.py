"""Package `advalorem.duty`."""

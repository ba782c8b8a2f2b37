"""Package `advalorem.brief`."""

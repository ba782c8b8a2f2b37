"""Package `advalorem.scenario`."""

"""Package `advalorem.cli`."""

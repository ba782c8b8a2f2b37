"""Package `advalorem.schedule`."""

"""Package `advalorem.world`."""

"""From law to model: tariffs by importer, exporter and sector, and who is hurt by which act."""

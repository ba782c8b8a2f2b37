"""Files of shipments in, files of duties out: many rows, the same cents as one."""

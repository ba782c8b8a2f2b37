"""Effective rates: import flows as weighted shipments through the kernel of `advalorem.duty`."""

"""Readers of economies, one module per layout."""

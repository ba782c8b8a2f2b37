"""North American trade policy, computed from the legal text to the bargaining table."""

__version__ = "0.1.0"

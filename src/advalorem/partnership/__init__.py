"""The partnership of two countries that lower the cost of trading with each other."""

"""What goes wrong at the border of the rates: a reading, an origin or a day that is not held."""


class RatesError(ValueError):
    """The request cannot be answered; the message names the value and the remedy."""

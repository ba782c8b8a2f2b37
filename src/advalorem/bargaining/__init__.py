"""Who gains from which outcome, alone or together: games on the world model."""

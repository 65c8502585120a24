"""Pure functions about mail."""

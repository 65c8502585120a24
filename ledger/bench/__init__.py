"""How fast posting is, as ratios to one hand-written statement that writes the same rows with no checks."""

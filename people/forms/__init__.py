"""Forms of sign-in."""

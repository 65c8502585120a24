"""Pages of sign-in that are not allauth's own."""

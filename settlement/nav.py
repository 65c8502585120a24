"""Entries of the console's navigation."""

"""Agreements, acknowledgements and disputes, imported statements, settlement runs."""

"""The ledger against a model of plain dicts."""

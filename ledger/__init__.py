"""The shared ledger: services, packages, entitlements, transactional rules, journal, periods, reports."""

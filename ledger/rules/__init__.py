"""The pure heart of the ledger: arithmetic, postings and transactional rules, without the database."""

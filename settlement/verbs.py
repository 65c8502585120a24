"""What the audit trail calls the acts of this app."""

"""What can be allowed about reconciliation and settlement."""

"""Settling accounts between organizations: reconciliation, netting, settlement runs and what is paid."""

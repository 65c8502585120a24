"""Scenario files: worked examples that finance officers and operators write and prove."""

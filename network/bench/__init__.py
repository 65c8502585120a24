"""Benchmarks of pages, and the set-based loader of realistic sizes behind them."""

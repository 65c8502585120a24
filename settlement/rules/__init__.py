"""Matching, netting proposals and payment files as pure functions."""

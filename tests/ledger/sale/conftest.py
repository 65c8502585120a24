"""Taxed services, as the tests of tax have them."""

from tests.ledger.tax.conftest import spa  # noqa: F401

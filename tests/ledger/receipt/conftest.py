"""Taxed services and branches abroad, as the tests of those have them."""

from tests.ledger.exchange.conftest import abroad, rated  # noqa: F401
from tests.ledger.tax.conftest import spa  # noqa: F401

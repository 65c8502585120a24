"""Entries of the console's navigation."""

from core.registries import NavItem, navigation
from settlement.permissions import SETTLEMENT_VIEW

_AREA = "Packages and Ledger"

# Netting, settlement runs and payments.
for _order, (_label, _icon, _url) in enumerate(
    (
        ("Settlements", "handshake", "settlement-list"),
        ("Remittances", "file-text", "remittance-list"),
        ("Netting agreements", "scroll-text", "netting-list"),
        ("Bank accounts", "landmark", "bank-account-list"),
    ),
    start=54,
):
    navigation.add(_url, NavItem(_AREA, _label, _icon, _url, SETTLEMENT_VIEW, _order, "finance"))

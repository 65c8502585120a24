"""Entries of the console's navigation."""

from core.registries import NavItem, navigation
from settlement.permissions import RECONCILIATION_VIEW, SETTLEMENT_VIEW

_AREA = "Reconciliation and settlement"

for _order, (_label, _icon, _url, _permission) in enumerate(
    (
        ("Reconciliation", "handshake", "claim-list", RECONCILIATION_VIEW),
        ("Disputes", "message-square-warning", "dispute-list", RECONCILIATION_VIEW),
        ("Statements matched", "list-checks", "reconciliation-list", RECONCILIATION_VIEW),
        ("Settlements", "banknote-arrow-up", "settlement-list", SETTLEMENT_VIEW),
        ("Remittances", "file-text", "remittance-list", SETTLEMENT_VIEW),
        ("Netting agreements", "scroll-text", "netting-list", SETTLEMENT_VIEW),
        ("Bank accounts", "landmark", "bank-account-list", SETTLEMENT_VIEW),
    ),
    start=54,
):
    navigation.add(_url, NavItem(_AREA, _label, _icon, _url, _permission, _order, "finance"))

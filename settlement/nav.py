"""Entries of the console's navigation."""

from core.registries import NavItem, navigation
from settlement.permissions import RECONCILIATION_VIEW

_AREA = "Packages and Ledger"

# Reconciliation
for _order, (_label, _icon, _url) in enumerate(
    (
        ("Reconciliation", "handshake", "claim-list"),
        ("Disputes", "message-square-warning", "dispute-list"),
        ("Statements matched", "list-checks", "reconciliation-list"),
    ),
    start=55,
):
    navigation.add(_url, NavItem(_AREA, _label, _icon, _url, RECONCILIATION_VIEW, _order, "finance"))

"""Entries of the console's navigation, and tabs on other apps' pages."""

from core.registries import NavItem, Tab, navigation, organization_tabs, patient_tabs
from ledger.permissions import (
    CATALOG_VIEW,
    ENTITLEMENT_REDEEM,
    ENTITLEMENT_VIEW,
    JOURNAL_VIEW,
    PACKAGE_VIEW,
    RATE_VIEW,
    RULE_VIEW,
    SALE_VIEW,
    STATEMENT_VIEW,
)

_AREA = "Packages and Ledger"

navigation.add("counter", NavItem("", "Counter", "store", "counter-start", ENTITLEMENT_REDEEM, 5))
for _order, (_label, _icon, _url, _permission, _module) in enumerate(
    (
        ("Services", "stethoscope", "service-list", CATALOG_VIEW, ""),
        ("Tax codes", "percent", "tax-code-list", CATALOG_VIEW, ""),
        ("Packages", "package", "package-list", PACKAGE_VIEW, "packages"),
        ("Quotes", "file-text", "quote-list", SALE_VIEW, "packages"),
        ("Sales", "receipt", "sale-list", SALE_VIEW, ""),
        ("Entitlements", "ticket", "entitlement-list", ENTITLEMENT_VIEW, ""),
        ("Rules", "scale", "rule-list", RULE_VIEW, "rules"),
        ("Journal", "book-open", "journal", JOURNAL_VIEW, "finance"),
        ("Reports", "chart-line", "report", STATEMENT_VIEW, "finance"),
        ("Statements", "chart-column", "statement", STATEMENT_VIEW, "finance"),
        ("Due to and from", "arrow-left-right", "due-matrix", STATEMENT_VIEW, "finance"),
        ("Exchange rates", "coins", "rate-list", RATE_VIEW, "finance"),
        ("Revaluation", "refresh-cw", "revaluation", STATEMENT_VIEW, "finance"),
        ("Periods", "lock", "period-list", STATEMENT_VIEW, "finance"),
    ),
    start=40,
):
    navigation.add(_url, NavItem(_AREA, _label, _icon, _url, _permission, _order, _module))

organization_tabs.add(
    "money",
    Tab("Money", "organization-money", STATEMENT_VIEW, 50, lambda one: one.kind != "third_party", "finance"),
)
patient_tabs.add("prepaid", Tab("Prepaid", "patient-prepaid", ENTITLEMENT_VIEW, 40))

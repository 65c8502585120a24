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

_OFFERED = "Packages"
_BOOKS = "Ledger"

navigation.add("counter", NavItem("", "Counter", "store", "counter-start", ENTITLEMENT_REDEEM, 5))
for _order, (_area, _label, _icon, _url, _permission, _module) in enumerate(
    (
        (_OFFERED, "Services", "stethoscope", "service-list", CATALOG_VIEW, ""),
        (_OFFERED, "Tax codes", "percent", "tax-code-list", CATALOG_VIEW, ""),
        (_OFFERED, "Packages", "package", "package-list", PACKAGE_VIEW, "packages"),
        (_OFFERED, "Quotes", "file-text", "quote-list", SALE_VIEW, "packages"),
        (_OFFERED, "Sales", "receipt", "sale-list", SALE_VIEW, ""),
        (_OFFERED, "Entitlements", "ticket", "entitlement-list", ENTITLEMENT_VIEW, ""),
        (_OFFERED, "Rules", "scale", "rule-list", RULE_VIEW, "rules"),
        (_BOOKS, "Journal", "book-open", "journal", JOURNAL_VIEW, "finance"),
        (_BOOKS, "Reports", "chart-line", "report", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Statements", "chart-column", "statement", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Due to and from", "arrow-left-right", "due-matrix", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Exchange rates", "coins", "rate-list", RATE_VIEW, "finance"),
        (_BOOKS, "Revaluation", "refresh-cw", "revaluation", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Breakage", "chart-pie", "breakage", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Unclaimed property", "archive", "unclaimed-list", STATEMENT_VIEW, "finance"),
        (_BOOKS, "Periods", "lock", "period-list", STATEMENT_VIEW, "finance"),
    ),
    start=40,
):
    navigation.add(_url, NavItem(_area, _label, _icon, _url, _permission, _order, _module))

organization_tabs.add(
    "money",
    Tab("Money", "organization-money", STATEMENT_VIEW, 50, lambda one: one.kind != "third_party", "finance"),
)
patient_tabs.add("prepaid", Tab("Prepaid", "patient-prepaid", ENTITLEMENT_VIEW, 40))

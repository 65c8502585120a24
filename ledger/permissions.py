"""What can be allowed about the catalog, entitlements, rules and books."""

from core.permissions import permission

_FINANCE = "finance_officer"
_BOOKS = "finance_officer finance_auditor"
_COUNTER = "front_desk"
_AT_COUNTER = "front_desk organization_administrator"  # who fills the counter holds what is done there

CATALOG_VIEW = permission(
    "catalog:view",
    "See services and prices",
    roles=f"organization_administrator {_BOOKS} {_COUNTER} clinician vendor_manager",
)
CATALOG_EDIT = permission("catalog:edit", "Edit services", roles=_FINANCE, network_wide=True)
PRICE_EDIT = permission("price:edit", "Set prices", roles=_FINANCE)
PACKAGE_VIEW = permission(
    "package:view", "See packages", roles=f"organization_administrator {_BOOKS} {_COUNTER} clinician"
)
PACKAGE_EDIT = permission(
    "package:edit", "Edit packages and put them on sale", roles=_FINANCE, network_wide=True
)
SALE_VIEW = permission("sale:view", "See sales", roles=f"organization_administrator {_BOOKS} {_COUNTER}")
SALE_CREATE = permission("sale:create", "Sell packages", roles=_AT_COUNTER)
ENTITLEMENT_VIEW = permission(
    "entitlement:view", "See entitlements", roles=f"organization_administrator {_BOOKS} {_COUNTER} clinician"
)
ENTITLEMENT_REDEEM = permission("entitlement:redeem", "Redeem entitlements", roles=_AT_COUNTER)
REDEMPTION_IMPORT = permission(
    "redemption:import",
    "Import redemptions that took place elsewhere",
    roles="organization_administrator",
    network_wide=True,
)
ENTITLEMENT_SHARE = permission(
    "entitlement:share", "Say who else may use an entitlement", roles=f"{_AT_COUNTER} {_FINANCE}"
)
ENTITLEMENT_VOID = permission(
    "entitlement:void",
    "Void sales, redemptions, refunds and charges",
    roles=f"organization_administrator {_FINANCE}",
)
ENTITLEMENT_REFUND = permission(
    "entitlement:refund", "Refund entitlements", roles=f"organization_administrator {_FINANCE}"
)
REFUND_APPROVE = permission(
    "refund:approve", "Pay out refunds above the limit of the organization", roles=_FINANCE
)
ENTITLEMENT_CHANGE = permission(
    "entitlement:change",
    "Transfer, extend and freeze entitlements",
    roles=f"organization_administrator {_FINANCE}",
)
ENTITLEMENT_EXPIRE = permission(
    "entitlement:expire", "Let entitlements expire whose time has passed", roles=_FINANCE
)
UNCLAIMED_PAY = permission(
    "unclaimed:pay", "Pay unclaimed property to the state or to the patient", roles=_FINANCE
)
BREAKAGE_RUN = permission("breakage:run", "Take breakage as revenue", roles=_FINANCE)
CHARGE_CREATE = permission("charge:create", "Charge fees for service", roles=_AT_COUNTER)
BILL_CREATE = permission("bill:create", "Enter vendors' bills", roles=f"{_FINANCE} vendor_manager")
JOURNAL_VIEW = permission("journal:view", "Read the journal and accounts", roles=_BOOKS)
JOURNAL_POST = permission("journal:post", "Post manual journal entries", roles=_FINANCE)
RULE_VIEW = permission("rule:view", "See transactional rules", roles=f"organization_administrator {_BOOKS}")
RULE_EDIT = permission("rule:edit", "Write drafts of transactional rules", roles=_FINANCE, network_wide=True)
RULE_ACTIVATE = permission("rule:activate", "Activate transactional rules", roles=_FINANCE, network_wide=True)
PERIOD_CLOSE = permission("period:close", "Close periods", roles=_FINANCE)
PERIOD_REOPEN = permission("period:reopen", "Approve that closed periods are opened again", roles=_FINANCE)
REPORT_SCHEDULE = permission(
    "report:schedule", "Send reports by mail again and again", roles=f"organization_administrator {_BOOKS}"
)
STATEMENT_VIEW = permission("statement:view", "Read statements", roles=f"organization_administrator {_BOOKS}")
RATE_VIEW = permission(
    "exchange_rate:view", "See exchange rates", roles=f"organization_administrator {_BOOKS} {_COUNTER}"
)
RATE_ENTER = permission(
    "exchange_rate:enter", "Enter and import exchange rates", roles=_FINANCE, network_wide=True
)
REVALUE = permission("books:revalue", "Revalue foreign balances", roles=_FINANCE)

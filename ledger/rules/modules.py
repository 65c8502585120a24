"""The modules that this app brings."""

from core.modules import PRODUCT, Module, declare

PACKAGES = declare(
    Module(
        "packages",
        "Packages",
        "Packages are offered, sold and redeemed. What was sold stays usable where packages are on.",
        "package",
        PRODUCT,
        permissions=("sale:create", "entitlement:redeem", "package:edit"),
    )
)
CHARGES = declare(
    Module(
        "charges",
        "Single services",
        "The counter charges the list price of a service, without a package.",
        "banknote",
        PRODUCT,
        permissions=("charge:create",),
    )
)
FINANCE = declare(
    Module(
        "finance",
        "Finance",
        "Pages of the books: journal, statements, balances and periods. The books are kept without them, too.",
        "chart-column",
        PRODUCT,
        permissions=("journal:view", "statement:view"),
    )
)
RULES = declare(
    Module(
        "rules",
        "Transactional rules",
        "Pages on which the rules of who gets what are written. Rules in force go on without them.",
        "scale",
        PRODUCT,
        requires=("finance",),
        permissions=("rule:edit",),
    )
)

"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "service_code_unique", "duplicate", "Another service has this code. Choose a different one.", field="code"
)
constraint_says(
    "package_code_unique", "duplicate", "Another package has this code. Choose a different one.", field="code"
)
constraint_says(
    "packageline_service_once",
    "duplicate",
    "The package already has this service. Change its quantity.",
    field="service",
)
constraint_says(
    "rule_code_unique", "duplicate", "Another rule has this code. Choose a different one.", field="code"
)
constraint_says(
    "tariffprice_no_overlap",
    "duplicate",
    "This service already has a price here in these days. End that one first.",
    field="starts_on",
)
constraint_says("ledgerevent_voided_once", "already_reversed", "This has already been voided.")
constraint_says("entitlementline_floor", "entitlement_exhausted", "Not so much is left on this entitlement.")
constraint_says(
    "ruleversion_four_eyes", "not_permitted", "Somebody else than its author has to activate a rule."
)

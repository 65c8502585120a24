"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "vendorcontact_unique", "duplicate", "This vendor already has a contact with this address.", field="email"
)
constraint_says(
    "vendorservice_unique",
    "duplicate",
    "This vendor already has settings for this service. Edit those.",
    field="service",
)

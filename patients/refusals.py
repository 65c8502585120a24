"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "identifier_unique",
    "identifier_taken",
    "Another patient of this network has this identifier. Nobody can be registered twice under it.",
    field="identifiers",
)
constraint_says(
    "patient_home_is_registered",
    "not_registered",
    "The home organization has to be one where the patient is registered.",
    field="home_organization",
)

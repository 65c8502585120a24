"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "contentitem_code_unique",
    "duplicate",
    "This organization already has content with that code. Choose a different one.",
    field="code",
)
constraint_says(
    "contentversion_one_draft", "duplicate", "There is a draft already. Edit that one, or discard it."
)
constraint_says(
    "contentitem_override_once",
    "duplicate",
    "This organization has an override of it already. Open that one.",
)
constraint_says(
    "contentshare_once", "duplicate", "It is shared with one of these organizations already. Reload the page."
)

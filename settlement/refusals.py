"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says("dispute_one_open", "not_permitted", "This is disputed already. Answer in that dispute.")
constraint_says("reconciliation_two_people", "not_permitted", "The second signature is somebody else’s.")
constraint_says(
    "finding_confirmed_is_equal",
    "not_permitted",
    "The amounts differ. Accept the difference, dispute it, or note it as timing.",
)

"""What violated constraints of this app mean to a person."""

from core.refusals import constraint_says

constraint_says("dispute_one_open", "not_permitted", "This is disputed already. Answer in that dispute.")
constraint_says("reconciliation_two_people", "not_permitted", "The second signature is somebody else’s.")
constraint_says(
    "finding_confirmed_is_equal",
    "not_permitted",
    "The amounts differ. Accept the difference, dispute it, or note it as timing.",
)

# Netting, settlement runs and payments.

constraint_says(
    "settlement_settlementitem_pkey",
    "not_permitted",
    "Some of these lines are netted in another settlement. Propose it again.",
)
constraint_says(
    "settlementrun_four_eyes",
    "not_permitted",
    "Somebody else than who proposed a settlement has to approve it. Ask a colleague.",
)
constraint_says(
    "bankaccount_one_in_use",
    "duplicate",
    "Another bank account in this currency is in use here already.",
)

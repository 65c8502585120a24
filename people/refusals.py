"""What the database's refusals about saved views mean to a person."""

from core.refusals import constraint_says

constraint_says(
    "savedview_name_once", "name_taken", "You have a view of this name. Choose another.", field="name"
)
constraint_says("savedview_named", "name_missing", "Give the view a name.", field="name")

"""The database roles, by name; `manage.py database_roles` prints the SQL that makes them."""

OWNER = "caretree_owner"
MIGRATOR = "caretree_migrator"
POSTER = "caretree_poster"
LOOKUP = "caretree_lookup"
WEB = "caretree_web"
PORTAL = "caretree_portal"

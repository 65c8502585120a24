"""Django's PostgreSQL back end for this project; name it as a database's ENGINE."""

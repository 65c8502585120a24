"""Users, and how they like to see lists."""

from people.models.saved_view import SavedView
from people.models.user import User

__all__ = ["SavedView", "User"]

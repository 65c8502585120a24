"""Users."""

from people.models.user import User

__all__ = ["User"]

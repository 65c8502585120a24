"""The only place that writes users."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.errors import Refused
from core.validators import UNSEEN
from people.models import User
from people.queries.user import user_by_email


def register_person(email: str, name: str, password: str) -> User:
    """Make a login for a person who was invited; what they may do is granted afterwards.

    Refusals: the address has a login already, a name with a character that nobody sees, a weak password. Audit: with the membership that follows.
    """
    if user_by_email(email) is not None:
        raise Refused("sign_in_first", f"{email} has a login already: sign in, then open the link again.")
    if UNSEEN.search(name):
        raise Refused("invalid", "The name has a character that nobody sees. Ask for a new invitation.")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise Refused("password", " ".join(error.messages), field="password") from error
    return User.objects.create_user(email, name, password)

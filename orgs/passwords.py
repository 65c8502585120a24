"""How long a password has to be for the networks that its person works in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from orgs.queries.signin import Asked, objection
from orgs.rules.settings import SHORTEST_PASSWORD


class NetworkLengthValidator:
    """Asks for the longest of what the person's organizations ask, in all of their networks.

    Somebody new belongs nowhere yet: accepting the invitation asks for what its organization does.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return

        def says(asked: Asked) -> str:
            shortest = asked.shortest_password
            return too_short(password, shortest, asked.why_password()) if len(password) < shortest else ""

        objected = objection(user, says)
        if objected:
            raise ValidationError(objected)

    def get_help_text(self) -> str:
        return f"Your organizations may ask for more than {SHORTEST_PASSWORD.default} characters."


def too_short(password: str, shortest: int, why: str) -> str:
    return f"This password has {len(password)} characters; it needs at least {shortest}. {why}"

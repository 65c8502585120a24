"""Forms about one's own sign-in that depend on what one's networks ask."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.forms import DeactivateTOTPForm
from django.core.exceptions import ValidationError

from orgs.queries.signin import Asked, objection


class RemoveFactorForm(DeactivateTOTPForm):
    """Removes the second factor, unless a network of the person asks for one."""

    def clean(self) -> dict[str, Any] | None:
        objected = objection(self.authenticator.user, _needs_it)
        if objected:
            raise ValidationError(objected)
        cleaned: dict[str, Any] | None = super().clean()
        return cleaned


def _needs_it(asked: Asked) -> str:
    if not asked.is_second_factor_asked:
        return ""
    return f"You need your second factor. {asked.why_second_factor()}"

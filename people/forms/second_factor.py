"""Forms that ask for a second factor: as allauth's, and a code is good once."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator

from people.actions.second_factor import use_once


class _Once:
    """Refuses the code of an authenticator app that was used before."""

    authenticator: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not use_once(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ChallengeForm(_Once, AuthenticateForm):
    """The code at sign-in."""


class ConfirmForm(_Once, ReauthenticateForm):
    """The code once more, while signed in."""

"""Setting up a second factor, as allauth does; whoever did has shown it."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.views import ActivateTOTPView
from django.http import HttpResponse

from people.actions.second_factor import set_up


class SetUp(ActivateTOTPView):
    """The code that sets the factor up counts as the session's challenge, and is used up."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        set_up(self.request, form.cleaned_data["code"])
        return response

"""Leaving the portal."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from vendors.actions.portal import sign_out
from vendors.permissions import PORTAL_VIEW
from vendors.portal.session import drop_cookie
from vendors.portal.views.base import PortalView


class SignOut(PortalView):
    """Ends the session in the database and drops the cookie."""

    permission = PORTAL_VIEW

    def post(self, request: Any) -> HttpResponse:
        sign_out(self.actor, self.visit.contact, session_id=self.visit.session_id)
        context = {"goodbye": True, "portal": self.visit, "accent": self.visit.accent}
        response = TemplateResponse(request, "portal/welcome.html", context)
        drop_cookie(response)
        return response

    def _form_is_of_this_network(self) -> bool:
        """Signing out mixes nothing up, whatever page it comes from."""
        return True

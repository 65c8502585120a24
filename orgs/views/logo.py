"""Logos, at addresses that name their content."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.views.generic import View

from orgs.queries.logo import logo_content

A_YEAR = 365 * 24 * 60 * 60


@method_decorator(login_not_required, name="dispatch")
class LogoFile(View):
    """A logo. Public: sign-in pages, the portal and mail show it; whoever knows the digest has seen the picture."""

    def get(self, request: Any, digest: str) -> HttpResponse:
        content = logo_content(digest)
        if content is None:
            raise Http404("There is no such logo.")
        response = HttpResponse(content, content_type="image/png")
        # Private: the answer may renew the cookie of somebody's session, which no shared cache may keep.
        response.headers["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
